// TextEncoder and TextDecoder.
'use strict';

const wasi = require('./wasi.js');
const { coded } = require('./errors.js');

class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(text = '') { return wasi.encode(text); }
  encodeInto(text, into) {
    let read = 0;
    let written = 0;
    for (const character of String(text)) {
      const bytes = wasi.encode(character);
      if (written + bytes.length > into.length) break;
      into.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
}

const LABELS = {
  'utf-8': 'utf-8', utf8: 'utf-8', 'unicode-1-1-utf-8': 'utf-8', 'utf-16le': 'utf-16le', 'utf-16': 'utf-16le',
  ucs2: 'utf-16le', latin1: 'windows-1252', 'iso-8859-1': 'windows-1252', ascii: 'windows-1252',
  'us-ascii': 'windows-1252', 'windows-1252': 'windows-1252',
};

function bytesOf(input) {
  if (input === undefined) return new Uint8Array(0);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  return new Uint8Array(input);
}

// Bytes at the end that begin a character of UTF-8 without ending it.
function unfinished(bytes) {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

class TextDecoder {
  #kept = new Uint8Array(0);
  #isBegun = false;
  constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    const encoding = LABELS[String(label).trim().toLowerCase()];
    if (encoding === undefined) {
      throw coded(RangeError, 'ERR_ENCODING_NOT_SUPPORTED', `The "${label}" encoding is not supported`);
    }
    Object.assign(this, { encoding, fatal, ignoreBOM });
  }
  decode(input, { stream = false } = {}) {
    let bytes = bytesOf(input);
    if (this.#kept.length > 0) {
      const joined = new Uint8Array(this.#kept.length + bytes.length);
      joined.set(this.#kept);
      joined.set(bytes, this.#kept.length);
      bytes = joined;
    }
    const left = !stream ? 0 : this.encoding === 'utf-8' ? unfinished(bytes) : this.encoding === 'utf-16le' ? bytes.length % 2 : 0;
    this.#kept = bytes.slice(bytes.length - left);
    let text = this.#decode(bytes.subarray(0, bytes.length - left));
    if (!this.ignoreBOM && !this.#isBegun && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    this.#isBegun = stream;
    return text;
  }
  #decode(bytes) {
    if (this.encoding === 'windows-1252') return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    if (this.encoding === 'utf-16le') {
      return Array.from({ length: bytes.length >> 1 }, (_, i) => String.fromCharCode(bytes[2 * i] | (bytes[2 * i + 1] << 8))).join('');
    }
    const text = wasi.decode(bytes);
    if (this.fatal && text.includes('\ufffd') && !sameBytes(wasi.encode(text), bytes)) {
      throw coded(TypeError, 'ERR_ENCODING_INVALID_ENCODED_DATA', 'The encoded data was not valid for encoding utf-8');
    }
    return text;
  }
}

function sameBytes(a, b) {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

module.exports = { TextEncoder, TextDecoder };
