// `fs.createReadStream` and `fs.createWriteStream`.
'use strict';

const files = require('./files.js');
const { Buffer } = require('./buffer.js');
const { Readable, Writable } = require('./stream.js');

// `sync` are the operations of `fs`, `put` writes all that it is given.
module.exports = (sync, put) => {
  function createReadStream(path, options = {}) {
    const { start = 0, end = Infinity, highWaterMark = 65536, encoding } = typeof options === 'string' ? { encoding: options } : options;
    let fd = options.fd === undefined ? undefined : options.fd;
    let at = start;
    const stream = new Readable({
      highWaterMark,
      encoding,
      read() {
        try {
          if (fd === undefined) {
            fd = sync.open(path, 'r');
            stream.emit('open', fd);
          }
          const room = Buffer.alloc(Math.min(highWaterMark, end - at + 1));
          const count = room.length === 0 ? 0 : files.read(fd, room, 0, room.length, at);
          at += count;
          stream.bytesRead += count;
          stream.push(count === 0 ? null : room.subarray(0, count));
        } catch (error) {
          stream.destroy(error);
        }
      },
      destroy(error, done) {
        if (fd !== undefined) files.close(fd);
        fd = undefined;
        done(error);
      },
    });
    return Object.assign(stream, { path, bytesRead: 0 });
  }

  function createWriteStream(path, options = {}) {
    const { flags = 'w', encoding = 'utf8' } = typeof options === 'string' ? { encoding: options } : options;
    let fd = options.fd;
    const stream = new Writable({
      defaultEncoding: encoding,
      construct(done) {
        try {
          if (fd === undefined) fd = sync.open(path, flags);
          stream.emit('open', fd);
          done();
        } catch (error) {
          done(error);
        }
      },
      write(chunk, _, done) {
        try {
          put(fd, chunk);
          stream.bytesWritten += chunk.length;
          done();
        } catch (error) {
          done(error);
        }
      },
      destroy(error, done) {
        if (fd !== undefined) files.close(fd);
        fd = undefined;
        done(error);
      },
    });
    return Object.assign(stream, { path, bytesWritten: 0 });
  }

  return { createReadStream, createWriteStream, ReadStream: createReadStream, WriteStream: createWriteStream };
};
