// `util/types`.
'use strict';

const tag = (value) => Object.prototype.toString.call(value).slice(8, -1);
const isObject = (value) => value !== null && typeof value === 'object';
const tagged = (name) => (value) => isObject(value) && tag(value) === name;
const typed = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
const array = (name) => (value) => isObject(value) && typed.call(value) === name;

// True when a getter or method of the class accepts the value: nothing else tells a class of the engine's from a
// look-alike.
function brand(check) {
  return (value) => {
    if (!isObject(value)) return false;
    try {
      check(value);
      return true;
    } catch {
      return false;
    }
  };
}

const getter = (Class, name) => Object.getOwnPropertyDescriptor(Class.prototype, name).get;
const boxed = (name) => (value) => isObject(value) && tag(value) === name;

const types = {
  isArrayBuffer: brand((value) => getter(ArrayBuffer, 'byteLength').call(value)),
  isSharedArrayBuffer: brand((value) => getter(SharedArrayBuffer, 'byteLength').call(value)),
  isArrayBufferView: (value) => ArrayBuffer.isView(value),
  isAsyncFunction: (value) => typeof value === 'function' && /^Async/.test(tag(value)),
  isBigIntObject: boxed('BigInt'),
  isBooleanObject: boxed('Boolean'),
  isNumberObject: boxed('Number'),
  isStringObject: boxed('String'),
  isSymbolObject: boxed('Symbol'),
  isDataView: (value) => ArrayBuffer.isView(value) && typed.call(value) === undefined,
  isDate: brand((value) => Date.prototype.getTime.call(value)),
  isExternal: () => false,
  isGeneratorFunction: (value) => typeof value === 'function' && /GeneratorFunction$/.test(tag(value)),
  isGeneratorObject: tagged('Generator'),
  isMap: brand((value) => getter(Map, 'size').call(value)),
  isSet: brand((value) => getter(Set, 'size').call(value)),
  isMapIterator: tagged('Map Iterator'),
  isSetIterator: tagged('Set Iterator'),
  isModuleNamespaceObject: tagged('Module'),
  isNativeError: (value) => (typeof Error.isError === 'function' ? Error.isError(value) : value instanceof Error),
  isPromise: (value) => value instanceof Promise,
  isProxy: () => false,
  isRegExp: brand((value) => getter(RegExp, 'source').call(value) && RegExp.prototype.exec.length && isPlainRegExp(value)),
  isTypedArray: (value) => ArrayBuffer.isView(value) && typed.call(value) !== undefined,
  isWeakMap: brand((value) => WeakMap.prototype.has.call(value, {})),
  isWeakSet: brand((value) => WeakSet.prototype.has.call(value, {})),
  isArgumentsObject: tagged('Arguments'),
  isCryptoKey: () => false,
  isKeyObject: () => false,
};

function isPlainRegExp(value) {
  if (value === RegExp.prototype) throw new TypeError('not a RegExp');
}

for (const name of ['Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array',
  'Int32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']) {
  types['is' + name] = array(name);
}
types.isAnyArrayBuffer = (value) => types.isArrayBuffer(value) || types.isSharedArrayBuffer(value);
types.isBoxedPrimitive = (value) => ['Number', 'String', 'Boolean', 'Symbol', 'BigInt'].includes(tag(value)) && isObject(value);

module.exports = types;
