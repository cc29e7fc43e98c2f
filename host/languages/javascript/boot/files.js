// The file system over WASI: paths, descriptors and errors; `fs.js` makes Node's three manners of it.
'use strict';

const wasi = require('./wasi.js');
const paths = require('./path.js');
const process = require('./process.js');
const { coded } = require('./errors.js');

const { OUT, OTHER_PATH, base, view, call } = wasi;
const FOLLOW = 1;
const CREATE = 1;
const DIRECTORY = 2;
const EXCLUSIVE = 4;
const TRUNCATE = 8;
const APPEND = 1;
// WASI's rights: read, seek, tell, open, list, look; and to write, sync, allocate, set size and times besides.
const READ_RIGHTS = 0x08246026;
const WRITE_RIGHTS = 0x08e46177;

const ERRNOS = {
  EPERM: -1, ENOENT: -2, EIO: -5, EBADF: -9, EAGAIN: -11, ENOMEM: -12, EACCES: -13, EBUSY: -16, EEXIST: -17, EXDEV: -18,
  ENOTDIR: -20, EISDIR: -21, EINVAL: -22, EMFILE: -24, EFBIG: -27, ENOSPC: -28, ESPIPE: -29, EROFS: -30, ENAMETOOLONG: -36,
  ENOTEMPTY: -39, ELOOP: -40, ENOTSUP: -95,
};
const MESSAGES = {
  EPERM: 'operation not permitted', ENOENT: 'no such file or directory', EIO: 'i/o error', EBADF: 'bad file descriptor',
  EACCES: 'permission denied', EBUSY: 'resource busy or locked', EEXIST: 'file already exists',
  EXDEV: 'cross-device link not permitted', ENOTDIR: 'not a directory', EISDIR: 'illegal operation on a directory',
  EINVAL: 'invalid argument', EMFILE: 'too many open files', EFBIG: 'file too large', ENOSPC: 'no space left on device',
  EROFS: 'read-only file system', ENAMETOOLONG: 'name too long', ENOTEMPTY: 'directory not empty',
  ELOOP: 'too many symbolic links encountered', ENOTSUP: 'operation not supported on socket',
};

function failure(code, syscall, path, dest) {
  const names = path === undefined ? '' : ` '${path}'${dest === undefined ? '' : ` -> '${dest}'`}`;
  const error = new Error(`${code}: ${MESSAGES[code] || 'error'}, ${syscall}${names}`);
  Object.assign(error, { errno: ERRNOS[code] || -5, code, syscall });
  if (path !== undefined) error.path = path;
  if (dest !== undefined) error.dest = dest;
  return error;
}

function check(errno, syscall, path, dest) {
  if (errno === 0) return;
  let code = wasi.CODES[errno] || 'EIO';
  // A mount that is read only refuses as a permission; Lambda's task folder is a read-only file system.
  if (code === 'EPERM' && path !== undefined && /^(open|mkdir|unlink|rmdir|rename|symlink|copyfile|utime|ftruncate)$/.test(syscall)) code = 'EROFS';
  throw failure(code, syscall, path, dest);
}

// Folders that the invocation mounts, found when first needed.
let mounts;
function mounted() {
  if (mounts !== undefined) return mounts;
  mounts = [];
  for (let fd = 3; call('fd_prestat_get', fd, base + OUT) === 0; fd++) {
    const name = new Uint8Array(view.getUint32(OUT + 4, true));
    if (name.length > 0) call('fd_prestat_dir_name', fd, native.address(name.buffer), name.length);
    mounts.push({ fd, name: wasi.decode(name) });
  }
  return mounts;
}

function text(path) {
  if (typeof path === 'string') {
    if (path.includes('\0')) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument 'path' must be a string, Uint8Array, or URL without null bytes. Received '${path}'`);
    return path;
  }
  if (path instanceof Uint8Array) return wasi.decode(path);
  if (path !== null && typeof path === 'object' && path.href !== undefined) return require('./url.js').fileURLToPath(path);
  throw coded(TypeError, 'ERR_INVALID_ARG_TYPE',
    `The "path" argument must be of type string or an instance of Buffer or URL. Received ${path === null ? 'null' : typeof path}`);
}

function absolute(path) {
  const isPlain = path.charCodeAt(0) === 47 && !path.includes('//') && !path.includes('/.') && (!path.endsWith('/') || path === '/');
  return isPlain ? path : paths.resolve(process.cwd(), path);
}

// Folder descriptor, address and length of the rest, for WASI.
function locate(path, syscall, offset) {
  const full = absolute(path);
  let best;
  for (const mount of mounted()) {
    const isInside = full === mount.name || full.startsWith(mount.name === '/' ? '/' : mount.name + '/');
    if (isInside && (best === undefined || mount.name.length > best.name.length)) best = mount;
  }
  if (best === undefined) throw failure('ENOENT', syscall, path);
  const rest = full.slice(best.name.length).replace(/^\/+/, '') || '.';
  return [best.fd, ...wasi.path(rest, offset)];
}

// The folders above all mounts, which WASI does not show.
function above(path) {
  const full = absolute(path);
  const start = full === '/' ? '/' : full + '/';
  const names = mounted().filter(({ name }) => name.startsWith(start) && name !== full).map(({ name }) => name.slice(start.length).split('/')[0]);
  return [...new Set(names)];
}

const FLAGS = {
  r: [0, false, 0], rs: [0, false, 0], 'r+': [0, true, 0], 'rs+': [0, true, 0],
  w: [CREATE | TRUNCATE, true, 0], 'w+': [CREATE | TRUNCATE, true, 0],
  wx: [CREATE | TRUNCATE | EXCLUSIVE, true, 0], 'wx+': [CREATE | TRUNCATE | EXCLUSIVE, true, 0],
  a: [CREATE, true, APPEND], 'a+': [CREATE, true, APPEND], ax: [CREATE | EXCLUSIVE, true, APPEND], 'ax+': [CREATE | EXCLUSIVE, true, APPEND],
};

function decoded(flags) {
  if (typeof flags === 'number') {
    const how = (flags & 64 ? CREATE : 0) | (flags & 128 ? EXCLUSIVE : 0) | (flags & 512 ? TRUNCATE : 0);
    return [how, (flags & 3) !== 0, flags & 1024 ? APPEND : 0];
  }
  const found = FLAGS[flags === undefined || flags === null ? 'r' : flags];
  if (found === undefined) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument 'flags' is invalid. Received '${flags}'`);
  return found;
}

function open(path, flags, syscall = 'open') {
  const [how, writes, status] = decoded(flags);
  const rights = writes ? WRITE_RIGHTS : READ_RIGHTS;
  const place = locate(path, syscall);
  check(call('path_open', place[0], FOLLOW, place[1], place[2], how, rights, rights, status, base + OUT), syscall, path);
  return view.getUint32(OUT, true);
}

function close(fd) {
  check(call('fd_close', fd), 'close');
}

function read(fd, array, offset, length, position) {
  if (length === 0) return 0;
  const at = wasi.vector(array, offset, length);
  const errno = typeof position === 'number' && position >= 0
    ? call('fd_pread', fd, at, 1, position, base + OUT)
    : call('fd_read', fd, at, 1, base + OUT);
  check(errno, 'read');
  return view.getUint32(OUT, true);
}

function write(fd, array, offset, length, position) {
  if (length === 0) return 0;
  const at = wasi.vector(array, offset, length);
  const errno = typeof position === 'number'
    ? call('fd_pwrite', fd, at, 1, position, base + OUT)
    : call('fd_write', fd, at, 1, base + OUT);
  check(errno, 'write');
  return view.getUint32(OUT, true);
}

const KINDS = { 1: 'block', 2: 'character', 3: 'directory', 4: 'file', 6: 'socket', 7: 'link' };
const MODES = { block: 0o060660, character: 0o020620, directory: 0o040755, file: 0o100644, socket: 0o140755, link: 0o120777 };

function kind() {
  return KINDS[view.getUint8(OUT + 16)] || 'file';
}

// What differs from one machine to the next is made a number only when it is asked for: how long that takes depends on
// the number, and the virtual clock runs by what is computed.
function stats() {
  const found = kind();
  const raw = new DataView(view.buffer.slice(OUT, OUT + 64));
  const nanos = (offset) => raw.getBigUint64(offset, true);
  return {
    kind: found, mode: MODES[found], size: raw.getUint32(32, true) + raw.getUint32(36, true) * 2 ** 32,
    get dev() { return Number(nanos(0)); },
    get ino() { return Number(nanos(8)); },
    get nlink() { return Number(nanos(24)); },
    get atime() { return nanos(40); },
    get mtime() { return nanos(48); },
    get ctime() { return nanos(56); },
  };
}

function stat(path, follow, syscall) {
  if (above(path).length > 0) return { kind: 'directory', mode: MODES.directory, dev: 0, ino: 1, nlink: 1, size: 4096, atime: 0n, mtime: 0n, ctime: 0n };
  const [fd, at, length] = locate(path, syscall);
  check(call('path_filestat_get', fd, follow ? FOLLOW : 0, at, length, base + OUT), syscall, path);
  return stats();
}

function fstat(fd) {
  check(call('fd_filestat_get', fd, base + OUT), 'fstat');
  return stats();
}

// What kind of thing a path is; undefined when there is nothing. No error is made, as the module loader asks often.
function kindOf(path) {
  if (above(path).length > 0) return 'directory';
  let place;
  try {
    place = locate(path, 'stat');
  } catch {
    return undefined;
  }
  return call('path_filestat_get', place[0], FOLLOW, place[1], place[2], base + OUT) === 0 ? kind() : undefined;
}

function list(path) {
  const names = above(path);
  if (names.length > 0) return names.map((name) => ({ name, kind: 'directory' }));
  const [folder, at, length] = locate(path, 'scandir');
  check(call('path_open', folder, FOLLOW, at, length, DIRECTORY, READ_RIGHTS, READ_RIGHTS, 0, base + OUT), 'scandir', path);
  const fd = view.getUint32(OUT, true);
  try {
    return entries(fd, path);
  } finally {
    call('fd_close', fd);
  }
}

function entries(fd, path) {
  const found = [];
  let room = new Uint8Array(32768);
  let cookie = 0n;
  for (;;) {
    check(call('fd_readdir', fd, native.address(room.buffer), room.length, Number(cookie), base + OUT), 'scandir', path);
    const used = view.getUint32(OUT, true);
    const table = new DataView(room.buffer);
    let at = 0;
    let taken = 0;
    while (at + 24 <= used) {
      const length = table.getUint32(at + 16, true);
      if (at + 24 + length > used) break;
      cookie = table.getBigUint64(at, true);
      const name = wasi.decode(room.slice(at + 24, at + 24 + length));
      if (name !== '.' && name !== '..') found.push({ name, kind: KINDS[table.getUint8(at + 20)] || 'file' });
      at += 24 + length;
      taken++;
    }
    if (used < room.length) return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    if (taken === 0) room = new Uint8Array(room.length * 2);
  }
}

function on(name, syscall) {
  return (path) => {
    const [fd, at, length] = locate(path, syscall);
    check(call(name, fd, at, length), syscall, path);
  };
}

function rename(from, to) {
  const [fd, at, length] = locate(from, 'rename');
  const [toFd, toAt, toLength] = locate(to, 'rename', OTHER_PATH);
  check(call('path_rename', fd, at, length, toFd, toAt, toLength), 'rename', from, to);
}

function symlink(target, path) {
  const [fd, at, length] = locate(path, 'symlink');
  const [targetAt, targetLength] = wasi.path(target, OTHER_PATH);
  check(call('path_symlink', targetAt, targetLength, fd, at, length), 'symlink', target, path);
}

function readlink(path) {
  const [fd, at, length] = locate(path, 'readlink');
  const room = new Uint8Array(4096);
  check(call('path_readlink', fd, at, length, native.address(room.buffer), room.length, base + OUT), 'readlink', path);
  return wasi.decode(room.slice(0, view.getUint32(OUT, true)));
}

function truncate(fd, length) {
  check(call('fd_filestat_set_size', fd, length), 'ftruncate');
}

function utimes(path, atime, mtime) {
  const [fd, at, length] = locate(path, 'utime');
  const nanos = (time) => Math.round((time instanceof Date ? time.getTime() / 1000 : Number(time)) * 1e9);
  check(call('path_filestat_set_times', fd, FOLLOW, at, length, nanos(atime), nanos(mtime), 5), 'utime', path);
}

// A whole file.
function contents(path) {
  const fd = open(path, 'r');
  try {
    const { kind: found, size } = fstat(fd);
    if (found === 'directory') throw failure('EISDIR', 'read');
    return drain(fd, size);
  } finally {
    call('fd_close', fd);
  }
}

function drain(fd, size) {
  let room = new Uint8Array(size + 1);
  let filled = 0;
  for (;;) {
    const count = read(fd, room, filled, room.length - filled);
    filled += count;
    if (count === 0) return room.subarray(0, filled);
    if (filled === room.length) {
      const larger = new Uint8Array(room.length * 2);
      larger.set(room);
      room = larger;
    }
  }
}

module.exports = {
  failure, text, absolute, open, close, read, write, stat, fstat, kindOf, list, rename, symlink, readlink, truncate, utimes, contents, drain,
  mkdir: on('path_create_directory', 'mkdir'),
  rmdir: on('path_remove_directory', 'rmdir'),
  unlink: on('path_unlink_file', 'unlink'),
};
