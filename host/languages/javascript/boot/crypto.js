// `crypto`: hashes, MACs, key derivation and randomness. Ciphers, signatures and certificates are limits.
'use strict';

const wasi = require('./wasi.js');
const { coded, limit } = require('./errors.js');
const { Buffer } = require('./buffer.js');
const { Transform } = require('./stream.js');
const { md5, sha1, ripemd160 } = require('@noble/hashes/legacy.js');
const { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } = require('@noble/hashes/sha2.js');
const { sha3_224, sha3_256, sha3_384, sha3_512 } = require('@noble/hashes/sha3.js');
const { blake2b } = require('@noble/hashes/blake2b.js');
const { blake2s } = require('@noble/hashes/blake2s.js');
const { hmac } = require('@noble/hashes/hmac.js');
const { pbkdf2 } = require('@noble/hashes/pbkdf2.js');
const { scrypt } = require('@noble/hashes/scrypt.js');
const { hkdf } = require('@noble/hashes/hkdf.js');

const HASHES = {
  md5, sha1, ripemd160, rmd160: ripemd160, sha224, sha256, sha384, sha512, 'sha512-224': sha512_224, 'sha512-256': sha512_256,
  'sha3-224': sha3_224, 'sha3-256': sha3_256, 'sha3-384': sha3_384, 'sha3-512': sha3_512, blake2b512: blake2b, blake2s256: blake2s,
};

function hashNamed(name, code = 'Digest method not supported') {
  const plain = String(name).toLowerCase().replace(/^rsa-/, '').replace(/^sha-/, 'sha');
  const found = HASHES[plain];
  if (found === undefined) throw coded(Error, 'ERR_OSSL_EVP_UNSUPPORTED', code);
  return found;
}

function bytesOf(data, encoding) {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
  if (data instanceof KeyObject) return data._bytes;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw coded(TypeError, 'ERR_INVALID_ARG_TYPE',
    `The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received ${data === null ? 'null' : typeof data}`);
}

function out(bytes, encoding) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

class Digest extends Transform {
  constructor(state) {
    super();
    Object.defineProperty(this, '_state', { value: state, writable: true });
  }
  update(data, encoding) {
    if (this._state === undefined) throw coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    this._state.update(bytesOf(data, encoding));
    return this;
  }
  digest(encoding) {
    if (this._state === undefined) throw coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    const bytes = this._state.digest();
    this._state = undefined;
    return out(bytes, encoding);
  }
  _transform(chunk, encoding, done) {
    this.update(chunk, encoding);
    done();
  }
  _flush(done) {
    this.push(this.digest());
    done();
  }
}
class Hash extends Digest {
  copy() { return new Hash(this._state.clone()); }
}
class Hmac extends Digest {}

class KeyObject {
  constructor(bytes) { Object.defineProperty(this, '_bytes', { value: bytes }); }
  get type() { return 'secret'; }
  get symmetricKeySize() { return this._bytes.length; }
  export() { return Buffer.from(this._bytes); }
}

function randomBytes(size, callback) {
  const bytes = wasi.random(new Uint8Array(size));
  const buffer = Buffer.from(bytes.buffer);
  if (callback === undefined) return buffer;
  process.nextTick(callback, null, buffer);
  return undefined;
}

function randomInt(min, max, callback) {
  if (max === undefined || typeof max === 'function') [min, max, callback] = [0, min, max];
  const range = max - min;
  if (!(range > 0 && range <= 2 ** 48)) throw coded(RangeError, 'ERR_OUT_OF_RANGE', 'The value of "max" is out of range.');
  const most = 2 ** 48 - (2 ** 48 % range);
  let drawn;
  do drawn = randomBytes(6).readUIntBE(0, 6); while (drawn >= most);
  if (callback === undefined) return min + (drawn % range);
  process.nextTick(callback, null, min + (drawn % range));
  return undefined;
}

function randomUUID() {
  const bytes = randomBytes(16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function getRandomValues(array) {
  if (!ArrayBuffer.isView(array)) throw new TypeError('The data argument must be an integer-type TypedArray');
  if (array.byteLength > 65536) throw new DOMException('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
  return wasi.random(array);
}

function randomFillSync(buffer, offset = 0, size = buffer.byteLength - offset) {
  wasi.random(new Uint8Array(buffer.buffer || buffer, (buffer.byteOffset || 0) + offset, size));
  return buffer;
}

function timingSafeEqual(a, b) {
  const [x, y] = [bytesOf(a), bytesOf(b)];
  if (x.length !== y.length) {
    throw coded(RangeError, 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'Input buffers must have the same byte length');
  }
  return x.reduce((differs, byte, index) => differs | (byte ^ y[index]), 0) === 0;
}

function pbkdf2Sync(password, salt, iterations, length, digest) {
  return out(pbkdf2(hashNamed(digest, `Invalid digest: ${digest}`), bytesOf(password), bytesOf(salt), { c: iterations, dkLen: length }));
}

function scryptSync(password, salt, length, options = {}) {
  const { N = options.cost || 16384, r = options.blockSize || 8, p = options.parallelization || 1 } = options;
  return out(scrypt(bytesOf(password), bytesOf(salt), { N, r, p, dkLen: length }));
}

function hkdfSync(digest, key, salt, info, length) {
  return out(hkdf(hashNamed(digest), bytesOf(key), bytesOf(salt), bytesOf(info), length)).buffer;
}

function later(callback, make) {
  let result;
  try {
    result = [null, make()];
  } catch (error) {
    result = [error];
  }
  process.nextTick(callback, ...result);
}

const createHmac = (name, key) => new Hmac(hmac.create(hashNamed(name, `Invalid digest: ${name}`), bytesOf(key)));
const SUBTLE = { 'sha-1': sha1, 'sha-256': sha256, 'sha-384': sha384, 'sha-512': sha512 };
const algorithm = (of) => String(typeof of === 'string' ? of : of.name).toLowerCase();
const mac = (key, data) => hmac(SUBTLE[algorithm(key.algorithm.hash)], key._bytes, bytesOf(data));

const subtle = {
  async digest(of, data) {
    const hash = SUBTLE[algorithm(of)];
    if (hash === undefined) throw new DOMException('Unrecognized algorithm name', 'NotSupportedError');
    return hash(bytesOf(data)).buffer;
  },
  async importKey(format, data, of, extractable, usages) {
    if (format !== 'raw' || algorithm(of) !== 'hmac') throw unsupported('subtle.importKey for other than raw HMAC keys');
    return Object.assign(new KeyObject(bytesOf(data)), { algorithm: { name: 'HMAC', hash: of.hash }, extractable, usages });
  },
  sign: async (of, key, data) => mac(key, data).buffer,
  verify: async (of, key, signature, data) => timingSafeEqual(mac(key, data), bytesOf(signature)),
};

function unsupported(name) {
  return limit(`crypto.${name} is not there`, 'hashes, HMAC, PBKDF2, scrypt, HKDF and random numbers are; use a package in plain JavaScript');
}

const crypto = {
  createHash: (name) => new Hash(hashNamed(name).create()),
  hash: (name, data, encoding = 'hex') => out(hashNamed(name)(bytesOf(data)), encoding),
  createHmac, Hash, Hmac, KeyObject, randomBytes, randomInt, randomUUID, randomFillSync, getRandomValues, timingSafeEqual,
  pseudoRandomBytes: randomBytes,
  randomFill: (buffer, ...rest) => later(rest.pop(), () => randomFillSync(buffer, ...rest)),
  pbkdf2Sync, scryptSync, hkdfSync,
  pbkdf2: (password, salt, iterations, length, digest, done) => later(done, () => pbkdf2Sync(password, salt, iterations, length, digest)),
  scrypt: (password, salt, length, ...rest) => later(rest.pop(), () => scryptSync(password, salt, length, rest[0])),
  hkdf: (digest, key, salt, info, length, done) => later(done, () => hkdfSync(digest, key, salt, info, length)),
  getHashes: () => Object.keys(HASHES),
  getCiphers: () => [],
  getCurves: () => [],
  createSecretKey: (key, encoding) => new KeyObject(bytesOf(key, encoding)),
  constants: {},
  getFips: () => 0,
};
for (const name of ['createCipheriv', 'createDecipheriv', 'createSign', 'createVerify', 'sign', 'verify', 'createPublicKey',
  'createPrivateKey', 'generateKeyPair', 'generateKeyPairSync', 'generateKey', 'generateKeySync', 'publicEncrypt',
  'publicDecrypt', 'privateEncrypt', 'privateDecrypt', 'createECDH', 'createDiffieHellman', 'getDiffieHellman', 'X509Certificate']) {
  crypto[name] = function () { throw unsupported(name); };
}
for (const name of ['encrypt', 'decrypt', 'generateKey', 'deriveKey', 'deriveBits', 'exportKey', 'wrapKey', 'unwrapKey']) {
  subtle[name] = async () => { throw unsupported(`subtle.${name}`); };
}
crypto.subtle = subtle;
crypto.webcrypto = { subtle, getRandomValues, randomUUID };

module.exports = crypto;
