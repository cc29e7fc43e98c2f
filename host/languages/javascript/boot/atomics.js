// `Atomics`, which the engine has not: with one thread, plain reads and writes are atomic.
'use strict';

const wasi = require('./wasi.js');

const update = (change) => (array, index, value) => {
  const before = array[index];
  array[index] = change(before, value);
  return before;
};

const Atomics = {
  load: (array, index) => array[index],
  store: (array, index, value) => (array[index] = value),
  exchange: update((_, value) => value),
  add: update((before, value) => before + value),
  sub: update((before, value) => before - value),
  and: update((before, value) => before & value),
  or: update((before, value) => before | value),
  xor: update((before, value) => before ^ value),
  compareExchange(array, index, expected, value) {
    const before = array[index];
    if (before === expected) array[index] = value;
    return before;
  },
  isLockFree: () => true,
  notify: () => 0,
  // Nobody else could wake it: it sleeps.
  wait(array, index, value, ms = Infinity) {
    if (array[index] !== value) return 'not-equal';
    const nanos = ms === Infinity ? 0x7fffffffffffffffn : BigInt(Math.max(0, Math.round(ms * 1e6)));
    wasi.block(nanos);
    return 'timed-out';
  },
};
Object.defineProperty(Atomics, Symbol.toStringTag, { value: 'Atomics', configurable: true });

module.exports = Atomics;
