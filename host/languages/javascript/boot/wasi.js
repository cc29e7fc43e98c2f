// WASI by name, with room in memory for the arguments that are pointers.
'use strict';

const SIZE = 16384;
const room = new ArrayBuffer(SIZE);
const base = native.address(room);
const view = new DataView(room);
const bytes = new Uint8Array(room);

// Offsets in `room`.
const OUT = 64;
const PATH = 4096;
const OTHER_PATH = 10240;
const MOST_PATH = 6000;

const CODES = {
  2: 'EACCES', 6: 'EAGAIN', 8: 'EBADF', 10: 'EBUSY', 20: 'EEXIST', 21: 'EFAULT', 22: 'EFBIG', 27: 'EINTR',
  28: 'EINVAL', 29: 'EIO', 31: 'EISDIR', 32: 'ELOOP', 33: 'EMFILE', 37: 'ENAMETOOLONG', 44: 'ENOENT', 48: 'ENOMEM',
  51: 'ENOSPC', 54: 'ENOTDIR', 55: 'ENOTEMPTY', 58: 'ENOTSUP', 61: 'EOVERFLOW', 63: 'EPERM', 64: 'EPIPE', 69: 'EROFS',
  70: 'ESPIPE', 75: 'EXDEV', 76: 'EPERM',
};

function call(name, ...numbers) {
  return native.wasi(name, ...numbers);
}

function encode(text) {
  return new Uint8Array(native.encode(String(text).toWellFormed()));
}

function decode(array) {
  if (array.byteLength === 0) return '';
  return native.decode(native.address(array.buffer) + array.byteOffset, array.byteLength);
}

// Puts a path into memory: its address and length.
function path(text, offset = PATH) {
  const encoded = encode(text);
  if (encoded.length > MOST_PATH) return [base + offset, SIZE];
  bytes.set(encoded, offset);
  return [base + offset, encoded.length];
}

// One iovec on part of an array.
function vector(array, offset, length) {
  view.setUint32(0, native.address(array.buffer) + array.byteOffset + offset, true);
  view.setUint32(4, length, true);
  return base;
}

function write(fd, array) {
  let done = 0;
  while (done < array.byteLength) {
    const errno = call('fd_write', fd, vector(array, done, array.byteLength - done), 1, base + OUT);
    if (errno !== 0) return errno;
    done += view.getUint32(OUT, true);
  }
  return 0;
}

// Nanoseconds of a clock: 0 is real time, 1 is monotonic.
function clock(id) {
  call('clock_time_get', id, 1, base + OUT);
  return view.getBigUint64(OUT, true);
}

function random(array) {
  if (array.byteLength > 0) call('random_get', native.address(array.buffer) + array.byteOffset, array.byteLength);
  return array;
}

// The environment of the invocation as [name, value] pairs.
function environment() {
  call('environ_sizes_get', base + OUT, base + OUT + 4);
  const count = view.getUint32(OUT, true);
  const size = view.getUint32(OUT + 4, true);
  if (count === 0) return [];
  const pointers = new Uint32Array(count);
  const strings = new Uint8Array(size);
  const start = native.address(strings.buffer);
  call('environ_get', native.address(pointers.buffer), start);
  const text = decode(strings);
  return text.split('\0').slice(0, count).map((entry) => {
    const at = entry.indexOf('=');
    return [entry.slice(0, at), entry.slice(at + 1)];
  });
}

// The arguments of a `poll_oneoff` that sleeps: a subscription to the monotonic clock, room for its event and for the
// number of events. Returns their address.
const POLL = 2048;
function sleep(nanos) {
  bytes.fill(0, POLL, POLL + 128);
  view.setUint32(POLL + 16, 1, true);
  view.setBigUint64(POLL + 24, nanos, true);
  view.setBigUint64(POLL + 32, 1n, true);
  return base + POLL;
}

// Sleeps at once.
function block(nanos) {
  const at = sleep(nanos);
  call('poll_oneoff', at, at + 48, 1, at + 80);
}

module.exports = {
  CODES, OUT, OTHER_PATH, base, view, call, path, vector, write, clock, random, environment, sleep, block, encode, decode,
};
