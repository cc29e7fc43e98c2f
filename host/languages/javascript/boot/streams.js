// stdout and stderr of the process: what is written goes out at once.
'use strict';

const process = require('./process.js');
const wasi = require('./wasi.js');
const { Writable, Readable } = require('./stream.js');

function output(fd) {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, encoding, done) {
      wasi.write(fd, bytes(chunk, encoding));
      done();
    },
  });
  stream.fd = fd;
  stream.isTTY = false;
  stream._type = 'fs';
  stream.columns = undefined;
  // Immediate, as a file's or pipe's is: nothing may be lost when the handler is done.
  stream.write = function (chunk, encoding, done) {
    if (typeof encoding === 'function') [encoding, done] = [undefined, encoding];
    wasi.write(fd, bytes(chunk, encoding));
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
  return stream;
}

function bytes(chunk, encoding) {
  if (typeof chunk !== 'string') return chunk;
  if (encoding === undefined || /^utf-?8$/i.test(encoding) || encoding === 'buffer') return wasi.encode(chunk);
  return require('./buffer.js').Buffer.from(chunk, encoding);
}

process.stdout = output(1);
process.stderr = output(2);
process.stdin = Readable.from([]);
process.stdin.fd = 0;
