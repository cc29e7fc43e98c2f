const { Readable, Transform, Writable, PassThrough } = require('stream');
const { pipeline } = require('stream/promises');
const { StringDecoder } = require('string_decoder');
const readline = require('readline');
exports.handler = async () => {
  const out = [];
  const upper = new Transform({ transform(chunk, _, done) { done(null, chunk.toString().toUpperCase()); } });
  await pipeline(Readable.from(['a', 'b', 'c']), upper, new Writable({ write(chunk, _, done) { out.push(chunk.toString()); done(); } }));
  const objects = [];
  for await (const item of Readable.from([1, 2, 3]).map((x) => x * 2)) objects.push(item);
  const lines = [];
  for await (const line of readline.createInterface({ input: Readable.from(['one\ntw', 'o\nthree']) })) lines.push(line);
  const failed = await pipeline(Readable.from(['x']), new Transform({ transform(c, e, done) { done(new Error('broken')); } }), new PassThrough()).catch((e) => e.message);
  const decoder = new StringDecoder('utf8');
  const euro = decoder.write(Buffer.from([0xe2, 0x82])) + decoder.write(Buffer.from([0xac]));
  return { out, objects, lines, failed, euro };
};
