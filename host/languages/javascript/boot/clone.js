// `structuredClone`.
'use strict';

const types = require('./types.js');

function refuse(value) {
  const shown = typeof value === 'symbol' ? value.toString() : String(value);
  throw new DOMException(`${shown} could not be cloned.`, 'DataCloneError');
}

const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function clone(value, seen) {
  if (typeof value === 'function' || typeof value === 'symbol') refuse(value);
  if (value === null || typeof value !== 'object') return value;
  if (seen.has(value)) return seen.get(value);
  const made = shell(value, seen);
  seen.set(value, made);
  fill(value, made, seen);
  return made;
}

function shell(value, seen) {
  if (Array.isArray(value)) return new Array(value.length);
  if (types.isDate(value)) return new Date(value.getTime());
  if (types.isRegExp(value)) return new RegExp(value.source, value.flags);
  if (types.isMap(value)) return new Map();
  if (types.isSet(value)) return new Set();
  if (types.isBoxedPrimitive(value)) return Object(value.valueOf());
  if (types.isArrayBuffer(value)) return value.slice(0);
  if (types.isTypedArray(value)) {
    const Class = globalThis[Object.prototype.toString.call(value).slice(8, -1)];
    return new Class(clone(value.buffer, seen), value.byteOffset, value.length);
  }
  if (types.isDataView(value)) return new DataView(clone(value.buffer, seen), value.byteOffset, value.byteLength);
  if (value instanceof Error) return shellOfError(value);
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef || value instanceof Promise) {
    refuse(Object.prototype.toString.call(value));
  }
  return {};
}

function shellOfError(value) {
  const made = Object.create((ERRORS[value.name] || Error).prototype);
  for (const name of ['stack', 'message', 'cause']) {
    if (Object.hasOwn(value, name)) Object.defineProperty(made, name, { value: value[name], configurable: true, writable: true });
  }
  return made;
}

function fill(value, made, seen) {
  if (types.isMap(value)) for (const [key, item] of value) made.set(clone(key, seen), clone(item, seen));
  else if (types.isSet(value)) for (const item of value) made.add(clone(item, seen));
  else if (Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]') {
    for (const key of Object.keys(value)) made[key] = clone(value[key], seen);
  }
}

module.exports = (value) => clone(value, new Map());
