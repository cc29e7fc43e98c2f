// The event loop: ticks, microtasks, immediates, timers, in Node's order. The host calls `turn` whenever no
// microtask is left.
'use strict';

const wasi = require('./wasi.js');

const state = { ticks: [], immediates: [], timers: new Map(), next: 1, active: 0 };
const MILLISECOND = 1000000n;
const LONGEST = 2147483647;
let failed = (error) => { throw error; };

function guarded(callback, args) {
  try {
    callback(...args);
  } catch (error) {
    failed(error);
  }
}

function nextTick(callback, ...args) {
  checkCallback(callback);
  state.ticks.push([callback, args]);
}

function checkCallback(callback) {
  if (typeof callback === 'function') return;
  const { coded } = require('./errors.js');
  throw coded(TypeError, 'ERR_INVALID_ARG_TYPE',
    `The "callback" argument must be of type function. Received ${callback === null ? 'null' : typeof callback}`);
}

class Timeout {
  constructor(callback, after, args, repeat) {
    const ms = Number(after);
    this._after = ms >= 1 && ms <= LONGEST ? Math.trunc(ms) : 1;
    this._callback = callback;
    this._args = args;
    this._repeat = repeat;
    this._id = state.next++;
    this._ref = true;
    this._start();
  }
  _start() {
    this._due = wasi.clock(1) + BigInt(this._after) * MILLISECOND;
    state.timers.set(this._id, this);
  }
  ref() { this._ref = true; return this; }
  unref() { this._ref = false; return this; }
  hasRef() { return this._ref; }
  refresh() { if (state.timers.has(this._id)) this._start(); return this; }
  close() { state.timers.delete(this._id); return this; }
  [Symbol.toPrimitive]() { return this._id; }
  [Symbol.dispose]() { this.close(); }
}
class Immediate {
  constructor(callback, args) { this._callback = callback; this._args = args; }
  ref() { return this; }
  unref() { return this; }
  hasRef() { return true; }
  [Symbol.dispose]() { clearImmediate(this); }
}

function setTimeout(callback, after, ...args) {
  checkCallback(callback);
  return new Timeout(callback, after, args, false);
}

function setInterval(callback, after, ...args) {
  checkCallback(callback);
  return new Timeout(callback, after, args, true);
}

function clearTimeout(timer) {
  if (timer === null || timer === undefined) return;
  state.timers.delete(typeof timer === 'object' ? timer._id : Number(timer));
}

function setImmediate(callback, ...args) {
  checkCallback(callback);
  const immediate = new Immediate(callback, args);
  state.immediates.push(immediate);
  return immediate;
}

function clearImmediate(immediate) {
  state.immediates = state.immediates.filter((other) => other !== immediate);
}

function queueMicrotask(callback) {
  checkCallback(callback);
  Promise.resolve().then(() => guarded(callback, []));
}

function earliest() {
  let first;
  for (const timer of state.timers.values()) {
    if (first === undefined || timer._due < first._due) first = timer;
  }
  return first;
}

function runTimer(timer) {
  state.timers.delete(timer._id);
  if (timer._repeat) timer._start();
  guarded(timer._callback, timer._args);
}

function isAlive() {
  if (state.immediates.length > 0 || state.active > 0) return true;
  for (const timer of state.timers.values()) if (timer._ref) return true;
  return false;
}

// Does what is next. Returns 0, or the address of what to sleep by; `idle()` is called when nothing is left.
function turn(settled, idle) {
  if (state.ticks.length > 0) {
    const ticks = state.ticks;
    state.ticks = [];
    for (const [callback, args] of ticks) guarded(callback, args);
    return 0;
  }
  if (settled()) return 0;
  const timer = earliest();
  const now = timer === undefined ? 0n : wasi.clock(1);
  if (timer !== undefined && timer._due <= now) {
    runTimer(timer);
    return 0;
  }
  if (state.immediates.length > 0) {
    const immediate = state.immediates.shift();
    guarded(immediate._callback, immediate._args);
    return 0;
  }
  if (!isAlive()) {
    idle();
    return 0;
  }
  return wasi.sleep(timer._due - now);
}

const timers = {
  setTimeout, setInterval, setImmediate, clearTimeout, clearInterval: clearTimeout, clearImmediate,
};

function abortable(signal, arm, disarm) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      disarm(armed);
      reject(signal.reason);
    };
    if (signal !== undefined && signal.aborted) return reject(signal.reason);
    const armed = arm((value) => {
      if (signal !== undefined) signal.removeEventListener('abort', stop);
      resolve(value);
    });
    if (signal !== undefined) signal.addEventListener('abort', stop, { once: true });
  });
}

timers.promises = {
  setTimeout: (after, value, { signal } = {}) =>
    abortable(signal, (done) => setTimeout(done, after, value), clearTimeout),
  setImmediate: (value, { signal } = {}) => abortable(signal, (done) => setImmediate(done, value), clearImmediate),
  async *setInterval(after, value) {
    for (;;) yield await timers.promises.setTimeout(after, value);
  },
  scheduler: {
    wait: (after, options) => timers.promises.setTimeout(after, undefined, options),
    yield: () => timers.promises.setImmediate(),
  },
};
setTimeout[Symbol.for('nodejs.util.promisify.custom')] = timers.promises.setTimeout;
setImmediate[Symbol.for('nodejs.util.promisify.custom')] = timers.promises.setImmediate;

module.exports = {
  timers, nextTick, queueMicrotask, turn,
  onFailure(callback) { failed = callback; },
};
