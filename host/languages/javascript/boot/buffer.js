// `buffer`: the package of that name, with the engine's own UTF-8 for speed, and the encodings that it lacks.
'use strict';

const buffer = require(INSIDE());
const wasi = require('./wasi.js');

function INSIDE() {
  return '/node/node_modules/buffer/index.js';
}

const { Buffer } = buffer;
const isUtf8 = (encoding) => encoding === undefined || encoding === null || /^utf-?8$/i.test(encoding);
const isUrl = (encoding) => typeof encoding === 'string' && encoding.toLowerCase() === 'base64url';

const from = Buffer.from;
const toString = Buffer.prototype.toString;
const byteLength = Buffer.byteLength;
const write = Buffer.prototype.write;

function ofText(text, encoding) {
  const array = wasi.encode(text);
  return from.call(Buffer, array.buffer, 0, array.length);
}

Buffer.from = function (value, encoding, length) {
  if (typeof value === 'string') {
    if (isUtf8(encoding)) return ofText(value);
    if (isUrl(encoding)) encoding = 'base64';
  }
  return from.call(Buffer, value, encoding, length);
};

Buffer.byteLength = function (value, encoding) {
  if (typeof value === 'string') {
    if (isUtf8(encoding)) return wasi.encode(value).length;
    if (isUrl(encoding)) encoding = 'base64';
  }
  return byteLength.call(Buffer, value, encoding);
};

Buffer.prototype.toString = function (encoding, start = 0, end = this.length) {
  if (isUtf8(encoding)) {
    const from = Math.max(0, Math.trunc(start) || 0);
    return wasi.decode(this.subarray(from, Math.max(from, Math.min(end, this.length))));
  }
  if (isUrl(encoding)) {
    return toString.call(this, 'base64', start, end).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }
  return toString.call(this, encoding, start, end);
};

Buffer.prototype.write = function (text, ...rest) {
  const encoding = rest[rest.length - 1];
  if (isUrl(encoding)) rest[rest.length - 1] = 'base64';
  return write.call(this, text, ...rest);
};

const isEncoding = Buffer.isEncoding;
Buffer.isEncoding = (encoding) => isUrl(encoding) || isEncoding(encoding);
Buffer.copyBytesFrom = (view, offset = 0, length = view.length - offset) => {
  const part = view.subarray(offset, offset + length);
  return Buffer.from(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
};
Buffer.poolSize = 8192;

// As in Node: `<Buffer 68 69>`.
Buffer.prototype[Symbol.for('nodejs.util.inspect.custom')] = function () {
  const shown = Array.from(this.subarray(0, 50), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const more = this.length > 50 ? ` ... ${this.length - 50} more byte${this.length > 51 ? 's' : ''}` : '';
  return `<Buffer${shown && ' '}${shown}${more}>`;
};

for (const kind of ['UInt8', 'UInt16LE', 'UInt16BE', 'UInt32LE', 'UInt32BE', 'UIntLE', 'UIntBE']) {
  const lower = kind.replace('UInt', 'Uint');
  Buffer.prototype['read' + lower] = Buffer.prototype['read' + kind];
  Buffer.prototype['write' + lower] = Buffer.prototype['write' + kind];
}

class Blob {
  #bytes;
  constructor(parts = [], { type = '' } = {}) {
    this.#bytes = Buffer.concat(Array.from(parts, (part) => {
      if (part instanceof Blob) return part.#bytes;
      if (ArrayBuffer.isView(part)) return Buffer.from(part.buffer, part.byteOffset, part.byteLength);
      return part instanceof ArrayBuffer ? Buffer.from(part) : Buffer.from(String(part));
    }));
    this.type = String(type).toLowerCase();
  }
  get size() { return this.#bytes.length; }
  async text() { return this.#bytes.toString(); }
  async arrayBuffer() { return new Uint8Array(this.#bytes).buffer; }
  async bytes() { return new Uint8Array(this.#bytes); }
  slice(start, end, type = '') {
    const blob = new Blob([], { type });
    blob.#bytes = this.#bytes.slice(start, end);
    return blob;
  }
  get [Symbol.toStringTag]() { return 'Blob'; }
}
class File extends Blob {
  constructor(parts, name, options = {}) {
    super(parts, options);
    this.name = String(name);
    this.lastModified = options.lastModified || 0;
  }
}

module.exports = {
  ...buffer, Buffer, Blob, File, atob: globalThis.atob, btoa: globalThis.btoa, kMaxLength: buffer.kMaxLength,
  constants: { MAX_LENGTH: buffer.kMaxLength, MAX_STRING_LENGTH: 536870888 },
  isUtf8: (bytes) => Buffer.from(Buffer.from(bytes).toString()).equals(Buffer.from(bytes)),
  isAscii: (bytes) => new Uint8Array(bytes.buffer || bytes).every((byte) => byte < 128),
  transcode: (source, from, to) => Buffer.from(Buffer.from(source).toString(from), to),
};
