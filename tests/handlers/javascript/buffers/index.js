const assert = require('assert');
exports.handler = async ({ text }) => {
  const b = Buffer.from(text);
  assert.strictEqual(b.toString(), text);
  assert.deepStrictEqual(Buffer.from(b.toString('base64'), 'base64'), b);
  assert.strictEqual(Buffer.from('//__', 'latin1').length, 4);
  assert.throws(() => assert.strictEqual(1, 2), { code: 'ERR_ASSERTION' });
  const numbers = Buffer.alloc(12);
  numbers.writeUInt32BE(0xdeadbeef, 0);
  numbers.writeDoubleLE(0.1, 4);
  return { base64: b.toString('base64'), base64url: Buffer.from([251, 255, 254]).toString('base64url'), hex: b.toString('hex'), latin1: b.toString('latin1'),
    length: b.length, byteLength: Buffer.byteLength(text), concat: Buffer.concat([b, Buffer.from('!')]).toString(), slice: b.subarray(0, 3).toString(),
    numbers: numbers.toString('hex'), read: numbers.readDoubleLE(4), json: Buffer.from('ab'), compare: Buffer.compare(Buffer.from('a'), Buffer.from('b')),
    atob: atob('aGk='), btoa: btoa('hi'), invalid: Buffer.from([0xff, 0x61, 0xe2, 0x82]).toString(), decoder: new TextDecoder().decode(new TextEncoder().encode(text)), includes: b.includes('ll') };
};
