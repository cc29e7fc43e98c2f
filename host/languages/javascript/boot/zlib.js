// `zlib`: deflate, raw deflate and gzip. Brotli and zstd are limits.
'use strict';

const pako = require('pako');
const { coded, limit } = require('./errors.js');
const { Buffer } = require('./buffer.js');
const { Transform } = require('./stream.js');

const constants = {
  Z_NO_FLUSH: 0, Z_PARTIAL_FLUSH: 1, Z_SYNC_FLUSH: 2, Z_FULL_FLUSH: 3, Z_FINISH: 4, Z_OK: 0, Z_STREAM_END: 1,
  Z_NO_COMPRESSION: 0, Z_BEST_SPEED: 1, Z_BEST_COMPRESSION: 9, Z_DEFAULT_COMPRESSION: -1, Z_DEFAULT_STRATEGY: 0,
  Z_MIN_CHUNK: 64, Z_DEFAULT_CHUNK: 16384,
};

function bytesOf(data) {
  if (typeof data === 'string') return Buffer.from(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function run(operation, data, options = {}) {
  const { level, memLevel, strategy, windowBits } = options;
  const given = Object.fromEntries(Object.entries({ level, memLevel, strategy, windowBits }).filter(([, value]) => value !== undefined));
  let bytes;
  try {
    bytes = operation(bytesOf(data), given);
  } catch (error) {
    const message = typeof error === 'string' ? error : error.message;
    throw coded(Error, /unexpected end|buffer error/.test(message) ? 'Z_BUF_ERROR' : 'Z_DATA_ERROR', message);
  }
  if (bytes === undefined) throw coded(Error, 'Z_BUF_ERROR', 'unexpected end of file');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const OPERATIONS = {
  deflate: pako.deflate, deflateRaw: pako.deflateRaw, gzip: pako.gzip, inflate: pako.inflate, inflateRaw: pako.inflateRaw,
  gunzip: pako.ungzip, unzip: pako.inflate,
};

const zlib = { constants, codes: {} };
for (const [name, operation] of Object.entries(OPERATIONS)) {
  zlib[name + 'Sync'] = (data, options) => run(operation, data, options);
  zlib[name] = (data, ...rest) => {
    const done = rest.pop();
    let result;
    try {
      result = [null, run(operation, data, rest[0])];
    } catch (error) {
      result = [error];
    }
    setImmediate(done, ...result);
  };
  const Class = name[0].toUpperCase() + name.slice(1);
  zlib['create' + Class] = (options) => streamOf(operation, options);
  zlib[Class] = zlib['create' + Class];
}

// Collects what it is given, and does it all at its end.
function streamOf(operation, options) {
  const chunks = [];
  return new Transform({
    transform(chunk, encoding, done) {
      chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
      done();
    },
    flush(done) {
      try {
        this.push(run(operation, Buffer.concat(chunks), options));
        done();
      } catch (error) {
        done(error);
      }
    },
  });
}

for (const name of ['brotliCompress', 'brotliCompressSync', 'brotliDecompress', 'brotliDecompressSync', 'createBrotliCompress',
  'createBrotliDecompress', 'zstdCompressSync', 'zstdDecompressSync']) {
  zlib[name] = () => {
    throw limit(`zlib.${name} is not there`, 'use gzip or deflate');
  };
}

const TABLE = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});
zlib.crc32 = (data, value = 0) => {
  let crc = ~value;
  for (const byte of bytesOf(data)) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
};
Object.assign(zlib, constants);

module.exports = zlib;
