// One way to fail a property.
exports.error = async () => { throw new Error('plain'); };
exports.sync = () => { throw new RangeError('before any promise'); };
class OutOfStock extends Error { constructor(item) { super(`no ${item} left`); this.name = 'OutOfStock'; this.item = item; } }
exports.custom = async () => { throw new OutOfStock('tea'); };
class Unnamed extends Error {}
exports.unnamed = async () => { throw new Unnamed('the class alone'); };
exports.string = async () => { throw 'a string'; };
exports.number = async () => { throw 42; };
exports.object = async () => { throw { code: 1 }; };
exports.undefined = async () => { throw undefined; };
exports.callback = (event, context, callback) => callback(new TypeError('by callback'));
exports.callbackString = (event, context, callback) => callback('by callback, a string');
exports.contextFail = (event, context) => context.fail(new Error('by context.fail'));
exports.cause = async () => { throw new Error('outer', { cause: new Error('inner') }); };
exports.multiline = async () => { throw new Error('two\nlines'); };
exports.deep = async () => {
  const third = () => { throw new Error('deep'); };
  const second = () => third();
  function first() { second(); }
  first();
};
exports.type = async () => undefined.foo;
exports.reference = async () => nowhere;
exports.json = async () => JSON.parse('{bad');
exports.circular = async () => { const a = {}; a.a = a; return a; };
exports.bigint = async () => 1n;
exports.circularCallback = (event, context, callback) => { const a = {}; a.a = a; callback(null, a); };
exports.unhandled = async () => { Promise.reject(new Error('nobody listens')); await new Promise((r) => setTimeout(r, 10)); };
exports.uncaught = async () => { setTimeout(() => { throw new Error('in a timer'); }, 1); await new Promise((r) => setTimeout(r, 100)); };
exports.never = async () => new Promise(() => {});
exports.neverCallback = () => {};
exports.exit = async () => process.exit(3);
exports.exitZero = async () => process.exit();
exports.notAFunction = 7;
exports.stack = async () => { const e = new Error('own stack'); e.stack = 'Error: own stack\n    at somewhere'; throw e; };
