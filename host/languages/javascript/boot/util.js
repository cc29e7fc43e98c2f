// `util`.
'use strict';

const inspecting = require('/node/node_modules/node-inspect-extracted/dist/inspect.js');
const { coded } = require('./errors.js');
const types = require('./types.js');
const { isDeepStrictEqual } = require('./equal.js');

const CUSTOM = Symbol.for('nodejs.util.promisify.custom');

function promisify(original) {
  if (typeof original !== 'function') {
    throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "original" argument must be of type function.');
  }
  if (original[CUSTOM]) return original[CUSTOM];
  function promised(...args) {
    return new Promise((resolve, reject) => {
      original.call(this, ...args, (error, value) => (error ? reject(error) : resolve(value)));
    });
  }
  Object.setPrototypeOf(promised, Object.getPrototypeOf(original));
  return Object.defineProperties(promised, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = CUSTOM;

function callbackify(original) {
  return function (...args) {
    const callback = args.pop();
    const fail = (reason) => {
      if (reason) return callback(reason);
      const error = coded(Error, 'ERR_FALSY_VALUE_REJECTION', 'Promise was rejected with a falsy value');
      error.reason = reason;
      return callback(error);
    };
    original.apply(this, args).then((value) => process.nextTick(callback, null, value),
      (reason) => process.nextTick(fail, reason));
  };
}

function inherits(constructor, parent) {
  Object.defineProperty(constructor, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

const warned = new Set();
function deprecate(callback, message, code) {
  return function (...args) {
    if (!warned.has(code || message)) {
      warned.add(code || message);
      process.emitWarning(message, 'DeprecationWarning');
    }
    return new.target ? Reflect.construct(callback, args, new.target) : callback.apply(this, args);
  };
}

function debuglog(name) {
  const isOn = () => new RegExp(`\\b${name}\\b`, 'i').test(process.env.NODE_DEBUG || '');
  const log = (...args) => {
    if (isOn()) process.stderr.write(`${name.toUpperCase()} ${process.pid}: ${inspecting.format(...args)}\n`);
  };
  return Object.defineProperty(log, 'enabled', { get: isOn });
}

const ANSI = /\u001b\[[0-9;]*[A-Za-z]/g;

function styleText(format, text) {
  return [format].flat().reduceRight((inner, name) => {
    const [open, close] = inspecting.inspect.colors[name];
    return `\u001b[${open}m${inner}\u001b[${close}m`;
  }, String(text));
}

function parseEnv(text) {
  const entries = String(text).split(/\r?\n/).map((line) => /^\s*(?:export\s+)?([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line));
  return Object.fromEntries(entries.filter(Boolean).map(([, name, value]) => {
    const quoted = /^(["'`])(.*)\1$/.exec(value);
    return [name, quoted ? quoted[2] : value.replace(/\s+#.*$/, '')];
  }));
}

const { format, formatWithOptions, inspect, stripVTControlCharacters } = inspecting;

module.exports = {
  format, formatWithOptions, inspect, promisify, callbackify, inherits, deprecate, debuglog, debug: debuglog,
  isDeepStrictEqual, types, styleText, parseEnv,
  stripVTControlCharacters: stripVTControlCharacters || ((text) => text.replace(ANSI, '')),
  toUSVString: (text) => String(text).toWellFormed(),
  aborted: (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
  getSystemErrorName: (errno) => `E${errno}`,
  isArray: Array.isArray,
  isBoolean: (value) => typeof value === 'boolean',
  isBuffer: (value) => Buffer.isBuffer(value),
  isDate: types.isDate,
  isError: (value) => value instanceof Error,
  isFunction: (value) => typeof value === 'function',
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === 'number',
  isObject: (value) => value !== null && typeof value === 'object',
  isPrimitive: (value) => value === null || (typeof value !== 'object' && typeof value !== 'function'),
  isRegExp: types.isRegExp,
  isString: (value) => typeof value === 'string',
  isSymbol: (value) => typeof value === 'symbol',
  isUndefined: (value) => value === undefined,
  get TextEncoder() { return globalThis.TextEncoder; },
  get TextDecoder() { return globalThis.TextDecoder; },
  get MIMEType() { throw require('./errors.js').limit('util.MIMEType is not there', 'parse media types in plain JavaScript'); },
};
