// Deep equality, strict and loose, as `assert` and `util.isDeepStrictEqual` have it.
'use strict';

const types = require('./types.js');

function equal(a, b, isStrict, seen) {
  if (isStrict ? Object.is(a, b) : a == b || (a !== a && b !== b)) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (isStrict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  return sameContent(a, b, isStrict, seen) && sameKeys(a, b, isStrict, seen);
}

function sameContent(a, b, isStrict, seen) {
  if (types.isDate(a)) return a.getTime() === b.getTime();
  if (types.isRegExp(a)) return String(a) === String(b) && a.lastIndex === b.lastIndex;
  if (a instanceof Error) return a.message === b.message && a.name === b.name;
  if (types.isBoxedPrimitive(a)) return Object.is(a.valueOf(), b.valueOf());
  if (types.isAnyArrayBuffer(a)) return sameContent(new Uint8Array(a), new Uint8Array(b), isStrict, seen);
  if (ArrayBuffer.isView(a)) return a.length === b.length && Array.prototype.every.call(a, (x, i) => Object.is(x, b[i]));
  if (types.isMap(a)) return a.size === b.size && [...a].every(([key, value]) => hasEntry(b, key, value, isStrict, seen));
  if (types.isSet(a)) return a.size === b.size && [...a].every((value) => hasMember(b, value, isStrict, seen));
  return true;
}

function hasEntry(map, key, value, isStrict, seen) {
  if (map.has(key)) return equal(value, map.get(key), isStrict, seen);
  return [...map].some(([k, v]) => equal(key, k, isStrict, seen) && equal(value, v, isStrict, seen));
}

function hasMember(set, value, isStrict, seen) {
  return set.has(value) || [...set].some((other) => equal(value, other, isStrict, seen));
}

function keys(of) {
  if (ArrayBuffer.isView(of)) return [];
  const symbols = Object.getOwnPropertySymbols(of).filter((key) => Object.prototype.propertyIsEnumerable.call(of, key));
  return [...Object.keys(of), ...symbols];
}

function sameKeys(a, b, isStrict, seen) {
  const mine = keys(a);
  if (Array.isArray(a) && a.length !== b.length) return false;
  return mine.length === keys(b).length
    && mine.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key], isStrict, seen));
}

module.exports = {
  isDeepStrictEqual: (a, b) => equal(a, b, true, new Map()),
  isDeepEqual: (a, b) => equal(a, b, false, new Map()),
};
