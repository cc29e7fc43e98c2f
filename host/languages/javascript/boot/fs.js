// `fs`: each operation once, with callbacks, and as promises.
'use strict';

const files = require('./files.js');
const paths = require('./path.js');
const { timers } = require('./loop.js');
const { coded, limit } = require('./errors.js');
const { Buffer } = require('./buffer.js');

const constants = {
  F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1, COPYFILE_EXCL: 1, COPYFILE_FICLONE: 2, COPYFILE_FICLONE_FORCE: 4,
  O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_EXCL: 128, O_TRUNC: 512, O_APPEND: 1024, O_DIRECTORY: 65536,
  S_IFMT: 61440, S_IFREG: 32768, S_IFDIR: 16384, S_IFLNK: 40960,
};

class Kind {
  isFile() { return this._kind === 'file'; }
  isDirectory() { return this._kind === 'directory'; }
  isSymbolicLink() { return this._kind === 'link'; }
  isBlockDevice() { return this._kind === 'block'; }
  isCharacterDevice() { return this._kind === 'character'; }
  isFIFO() { return false; }
  isSocket() { return this._kind === 'socket'; }
}

function hide(object, name, value) {
  Object.defineProperty(object, name, { value, enumerable: false });
}

class Stats extends Kind {
  constructor({ kind, atime, mtime, ctime, ...numbers }, bigint) {
    super();
    hide(this, '_kind', kind);
    Object.assign(this, { ...numbers, uid: 993, gid: 990, rdev: 0, blksize: 4096, blocks: Math.ceil(numbers.size / 512) });
    if (bigint) for (const name of Object.keys(this)) this[name] = BigInt(this[name]);
    const times = { atime, mtime, ctime, birthtime: ctime };
    for (const [name, nanos] of Object.entries(times)) {
      this[name + 'Ms'] = bigint ? nanos / 1000000n : Number(nanos) / 1e6;
      if (bigint) this[name + 'Ns'] = nanos;
      this[name] = new Date(Number(nanos / 1000000n));
    }
  }
}

class Dirent extends Kind {
  constructor({ name, kind }, parentPath) {
    super();
    this.name = name;
    this.parentPath = parentPath;
    hide(this, 'path', parentPath);
    hide(this, '_kind', kind);
  }
}

function encoded(bytes, options) {
  const encoding = typeof options === 'string' ? options : options && options.encoding;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

function bytesOf(data, options) {
  if (typeof data === 'string') return Buffer.from(data, typeof options === 'string' ? options : options && options.encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw coded(TypeError, 'ERR_INVALID_ARG_TYPE',
    `The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received ${data === null ? 'null' : typeof data}`);
}

function put(target, data, options, flag) {
  const bytes = bytesOf(data, options);
  const isOpen = typeof target === 'number';
  const fd = isOpen ? target : files.open(files.text(target), (options && options.flag) || flag);
  try {
    for (let done = 0; done < bytes.length;) done += files.write(fd, bytes, done, bytes.length - done);
  } finally {
    if (!isOpen) files.close(fd);
  }
}

function removeAll(path, kind) {
  if (kind === 'directory') {
    for (const entry of files.list(path)) removeAll(paths.join(path, entry.name), entry.kind);
    files.rmdir(path);
  } else files.unlink(path);
}

function walk(path, prefix) {
  return files.list(path).flatMap((entry) => {
    const inside = entry.kind === 'directory' ? walk(paths.join(path, entry.name), prefix + entry.name + '/') : [];
    return [{ entry, relative: prefix + entry.name, parent: path }, ...inside];
  });
}

function copyTree(from, to) {
  if (files.kindOf(from) !== 'directory') return sync.copyFile(from, to);
  sync.mkdir(to, { recursive: true });
  for (const { name } of files.list(from)) copyTree(paths.join(from, name), paths.join(to, name));
}

function real(path) {
  const parts = files.absolute(path).split('/').filter(Boolean);
  let found = '/';
  for (const part of parts) {
    const next = paths.join(found, part);
    const { kind } = files.stat(next, false, 'lstat');
    found = kind === 'link' ? paths.resolve(found, files.readlink(next)) : next;
  }
  return found;
}

const sync = {
  access(path, mode = 0) {
    const name = files.text(path);
    if (files.kindOf(name) === undefined) throw files.failure('ENOENT', 'access', name);
    if (mode & constants.W_OK && !/^\/tmp(\/|$)/.test(files.absolute(name))) throw files.failure('EROFS', 'access', name);
  },
  appendFile: (path, data, options) => put(path, data, options, 'a'),
  chmod: (path) => void files.stat(files.text(path), true, 'chmod'),
  chown: (path) => void files.stat(files.text(path), true, 'chown'),
  close: files.close,
  copyFile(from, to, mode = 0) {
    const flag = mode & constants.COPYFILE_EXCL ? 'wx' : 'w';
    put(to, files.contents(files.text(from)), undefined, flag);
  },
  cp(from, to, options = {}) {
    const source = files.text(from);
    if (files.kindOf(source) === 'directory' && !options.recursive) {
      throw coded(Error, 'ERR_FS_EISDIR', `Recursive option not enabled, cannot copy a directory: cp returned EISDIR (${source} is a directory (not copied)) ${source}`);
    }
    copyTree(source, files.text(to));
  },
  fchmod() {},
  fdatasync() {},
  fstat: (fd, options) => new Stats(files.fstat(fd), options && options.bigint),
  fsync() {},
  ftruncate: (fd, length = 0) => files.truncate(fd, length),
  lstat: (path, options) => statOr(path, false, 'lstat', options),
  mkdir(path, options) {
    const name = files.text(path);
    if (!(options && options.recursive)) return files.mkdir(name);
    const kind = files.kindOf(name);
    if (kind === 'directory') return undefined;
    if (kind !== undefined) throw files.failure('EEXIST', 'mkdir', name);
    const parent = paths.dirname(files.absolute(name));
    const first = parent === files.absolute(name) ? undefined : sync.mkdir(parent, options);
    files.mkdir(name);
    return first || files.absolute(name);
  },
  mkdtemp(prefix) {
    const letters = require('./crypto.js').randomBytes(6).toString('hex').slice(0, 6);
    const path = files.text(prefix) + letters;
    files.mkdir(path);
    return path;
  },
  open: (path, flags) => files.open(files.text(path), flags),
  read(fd, buffer, offset = 0, length = undefined, position = null) {
    if (offset !== null && typeof offset === 'object') ({ offset = 0, length, position = null } = offset);
    return files.read(fd, buffer, offset, length === undefined ? buffer.byteLength - offset : length, position === null ? undefined : Number(position));
  },
  readdir(path, options) {
    const name = files.text(path);
    const { withFileTypes, recursive } = options && typeof options === 'object' ? options : {};
    const found = recursive ? walk(name, '') : files.list(name).map((entry) => ({ entry, relative: entry.name, parent: name }));
    return found.map(({ entry, relative, parent }) => (withFileTypes ? new Dirent(entry, parent) : relative));
  },
  readFile(path, options) {
    const bytes = typeof path === 'number' ? files.drain(path, files.fstat(path).size) : files.contents(files.text(path));
    return encoded(bytes, options);
  },
  readlink: (path) => files.readlink(files.text(path)),
  realpath: (path) => real(files.text(path)),
  rename: (from, to) => files.rename(files.text(from), files.text(to)),
  rm(path, options = {}) {
    const name = files.text(path);
    let kind;
    try {
      kind = files.stat(name, false, 'rm').kind;
    } catch (error) {
      if (options.force && error.code === 'ENOENT') return;
      throw error;
    }
    if (kind === 'directory' && !options.recursive) {
      throw coded(Error, 'ERR_FS_EISDIR', `Path is a directory: rm returned EISDIR (is a directory) ${name}`);
    }
    removeAll(name, kind);
  },
  rmdir(path, options) {
    if (options && options.recursive) return sync.rm(path, { recursive: true });
    return files.rmdir(files.text(path));
  },
  stat: (path, options) => statOr(path, true, 'stat', options),
  symlink: (target, path) => files.symlink(files.text(target), files.text(path)),
  truncate(path, length = 0) {
    const fd = files.open(files.text(path), 'r+');
    try {
      files.truncate(fd, length);
    } finally {
      files.close(fd);
    }
  },
  unlink: (path) => files.unlink(files.text(path)),
  utimes: (path, atime, mtime) => files.utimes(files.text(path), atime, mtime),
  write(fd, data, offset = 0, length = undefined, position = undefined) {
    if (typeof data === 'string') return files.write(fd, Buffer.from(data), 0, Buffer.byteLength(data), offset || undefined);
    return files.write(fd, data, offset || 0, length === undefined || length === null ? data.byteLength - (offset || 0) : length, position === null ? undefined : position);
  },
  writeFile: (path, data, options) => put(path, data, options, 'w'),
};

function statOr(path, follow, syscall, options = {}) {
  try {
    return new Stats(files.stat(files.text(path), follow, syscall), options.bigint);
  } catch (error) {
    if (options.throwIfNoEntry === false && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function withCallback(name) {
  return function (...args) {
    const callback = args.pop();
    if (typeof callback !== 'function') {
      throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "cb" argument must be of type function. Received ' + typeof callback);
    }
    let result = [];
    try {
      const value = sync[name](...args);
      result = [null, ...(value === undefined ? [] : [value])];
      if (name === 'read' || name === 'write') result.push(args[1]);
    } catch (error) {
      if (error.code === 'ERR_INVALID_ARG_TYPE') throw error;
      result = [error];
    }
    timers.setImmediate(callback, ...result);
  };
}

function asPromise(name) {
  return async (...args) => {
    await new Promise((resolve) => timers.setImmediate(resolve));
    return sync[name](...args.map((arg) => (arg instanceof FileHandle ? arg.fd : arg)));
  };
}

const promises = { constants };
const fs = { constants, Stats, Dirent, promises, ...constants };
for (const name of Object.keys(sync)) {
  fs[name + 'Sync'] = (...args) => sync[name](...args);
  fs[name] = withCallback(name);
  promises[name] = asPromise(name);
}

class FileHandle {
  constructor(fd) { this.fd = fd; }
  async close() { if (this.fd >= 0) files.close(this.fd); this.fd = -1; }
  readFile(options) { return promises.readFile(this.fd, options); }
  writeFile(data, options) { return promises.writeFile(this.fd, data, options); }
  appendFile(data, options) { return promises.writeFile(this.fd, data, options); }
  async stat(options) { return sync.fstat(this.fd, options); }
  async truncate(length) { return sync.ftruncate(this.fd, length); }
  async sync() {}
  async datasync() {}
  async read(buffer = Buffer.alloc(16384), ...rest) {
    const isView = ArrayBuffer.isView(buffer);
    const target = isView ? buffer : buffer.buffer || Buffer.alloc(16384);
    return { bytesRead: sync.read(this.fd, target, ...(isView ? rest : [buffer])), buffer: target };
  }
  async write(buffer, ...rest) {
    return { bytesWritten: sync.write(this.fd, buffer, ...rest), buffer };
  }
  createReadStream(options) { return fs.createReadStream(undefined, { ...options, fd: this.fd }); }
  createWriteStream(options) { return fs.createWriteStream(undefined, { ...options, fd: this.fd }); }
  async *readLines(options) {
    for (const line of String(await this.readFile({ encoding: 'utf8', ...options })).split(/\r?\n/)) yield line;
  }
  [Symbol.asyncDispose]() { return this.close(); }
}
const openPromise = promises.open;
promises.open = async (...args) => new FileHandle(await openPromise(...args));
for (const name of ['close', 'fstat', 'ftruncate', 'read', 'write', 'fsync', 'fdatasync', 'fchmod']) delete promises[name];

fs.exists = (path, callback) => timers.setImmediate(callback, fs.existsSync(path));
fs.existsSync = (path) => {
  try {
    return files.kindOf(files.text(path)) !== undefined;
  } catch {
    return false;
  }
};
fs.realpathSync.native = fs.realpathSync;
fs.realpath.native = fs.realpath;
fs.opendirSync = (path) => {
  const entries = sync.readdir(path, { withFileTypes: true });
  return { path, readSync: () => entries.shift() || null, read: async () => entries.shift() || null, closeSync() {}, async close() {}, async *[Symbol.asyncIterator]() { yield* entries; } };
};
promises.opendir = async (path) => fs.opendirSync(path);
for (const name of ['watch', 'watchFile', 'unwatchFile']) {
  fs[name] = () => {
    throw limit('files cannot be watched', 'read the file when it is needed');
  };
}

Object.assign(fs, require('./fs-streams.js')(sync, put));

module.exports = fs;
