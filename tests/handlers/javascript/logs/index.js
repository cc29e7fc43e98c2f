// What Lambda makes of the console's methods.
exports.handler = async () => {
  console.log('plain', 1, true, null, undefined);
  console.info('%s is %d years and %i, %j %o %%', 'Ada', 36.5, 36.5, { a: 1 }, [1]);
  console.warn({ nested: { deep: { deeper: { deepest: 1 } } }, list: [1, 'two', { three: 3 }], map: new Map([['k', 1]]), set: new Set([1]) });
  console.error(new Error('logged, not thrown').message);
  console.debug('a debug line');
  console.log('two\nlines');
  console.log([undefined, null, NaN, -0, 1n, Symbol('s'), () => 1, class A {}, new Date(0), /re/g, Buffer.from('hi')]);
  console.log(new (class Point { constructor() { this.x = 1; } })());
  console.table([{ a: 1, b: 'x' }, { a: 2, b: 'y' }]);
  console.assert(1 === 2, 'sums');
  console.group('outer');
  console.log('inside');
  console.groupEnd();
  console.count();
  process.stdout.write('raw to stdout\n');
  process.stderr.write('raw to stderr\n');
  return null;
};
