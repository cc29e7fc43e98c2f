// Modules of few functions.
'use strict';

const EventEmitter = require('./events.js');
const clone = require('./clone.js');
const { limit } = require('./errors.js');

// Context of asynchronous work. An instance runs one invocation, so what `run` sets holds until its promise settles.
class AsyncLocalStorage {
  #store;
  run(store, callback, ...args) {
    const before = this.#store;
    this.#store = store;
    let result;
    try {
      result = callback(...args);
    } catch (error) {
      this.#store = before;
      throw error;
    }
    const restore = () => { this.#store = before; };
    if (result && typeof result.then === 'function') result.then(restore, restore);
    else restore();
    return result;
  }
  exit(callback, ...args) { return this.run(undefined, callback, ...args); }
  getStore() { return this.#store; }
  enterWith(store) { this.#store = store; }
  disable() { this.#store = undefined; }
  static bind(callback) { return callback; }
  static snapshot() { return (callback, ...args) => callback(...args); }
}

class AsyncResource {
  constructor(type) { this.type = type; }
  runInAsyncScope(callback, self, ...args) { return callback.apply(self, args); }
  emitDestroy() { return this; }
  asyncId() { return 1; }
  triggerAsyncId() { return 0; }
  bind(callback) { return callback; }
  static bind(callback) { return callback; }
}

const async_hooks = {
  AsyncLocalStorage, AsyncResource, executionAsyncId: () => 1, triggerAsyncId: () => 0, executionAsyncResource: () => ({}),
  createHook: () => ({ enable() { return this; }, disable() { return this; } }),
};

class Channel {
  #subscribers = [];
  constructor(name) { this.name = name; }
  get hasSubscribers() { return this.#subscribers.length > 0; }
  subscribe(callback) { this.#subscribers.push(callback); }
  unsubscribe(callback) { this.#subscribers = this.#subscribers.filter((other) => other !== callback); }
  publish(message) { for (const callback of this.#subscribers) callback(message, this.name); }
  runStores(message, callback, self, ...args) {
    this.publish(message);
    return callback.apply(self, args);
  }
  bindStore() {}
}
const channels = new Map();
const channel = (name) => channels.get(name) || (channels.set(name, new Channel(name)), channels.get(name));
const diagnostics_channel = {
  Channel, channel, hasSubscribers: (name) => channel(name).hasSubscribers,
  subscribe: (name, callback) => channel(name).subscribe(callback),
  unsubscribe: (name, callback) => channel(name).unsubscribe(callback),
  tracingChannel: (name) => Object.fromEntries(['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((part) => [part, channel(`tracing:${name}:${part}`)])),
};

const sandboxed = () => limit('vm contexts are not there', 'run the code with vm.runInThisContext or as a module');
class Script {
  constructor(code, options = {}) {
    this._code = String(code);
    this._file = typeof options === 'string' ? options : options.filename || 'evalmachine.<anonymous>';
  }
  runInThisContext() { return native.eval(this._code, this._file, 0); }
  runInContext() { throw sandboxed(); }
  runInNewContext() { throw sandboxed(); }
}
const vm = {
  Script, runInThisContext: (code, options) => new Script(code, options).runInThisContext(),
  runInContext() { throw sandboxed(); }, runInNewContext() { throw sandboxed(); }, createContext() { throw sandboxed(); },
  isContext: () => false,
  compileFunction: (code, parameters = [], options = {}) => native.eval(`(function (${parameters.join(',')}) {${code}\n})`, options.filename || 'vm', 0),
};

const heap = { total_heap_size: 33554432, used_heap_size: 16777216, heap_size_limit: 134217728, total_available_size: 117440512 };
const v8 = {
  getHeapStatistics: () => ({ ...heap }), getHeapSpaceStatistics: () => [], setFlagsFromString() {}, cachedDataVersionTag: () => 0,
  serialize: (value) => Buffer.from(JSON.stringify(clone(value))),
  deserialize: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
};

class Interface extends EventEmitter {
  constructor({ input }) {
    super();
    this._lines = (async function* () {
      let rest = '';
      for await (const chunk of input) {
        const lines = (rest + chunk).split(/\r?\n/);
        rest = lines.pop();
        yield* lines;
      }
      if (rest !== '') yield rest;
    })();
    this._isRead = false;
    setImmediate(() => this._emitAll());
  }
  async _emitAll() {
    if (this._isRead) return;
    for await (const line of this._lines) this.emit('line', line);
    this.emit('close');
  }
  [Symbol.asyncIterator]() {
    this._isRead = true;
    return this._lines;
  }
  close() { this.emit('close'); }
  question() { throw limit('readline.question: the sandbox has no terminal', 'pass the input with the event'); }
}
const readline = { createInterface: (options) => new Interface(options), Interface, clearLine: () => true, cursorTo: () => true };
readline.promises = readline;

const perf_hooks = {
  get performance() { return globalThis.performance; },
  constants: {}, PerformanceObserver: class PerformanceObserver { observe() {} disconnect() {} },
  monitorEventLoopDelay: () => ({ enable() {}, disable() {}, min: 0, max: 0, mean: 0, percentile: () => 0 }),
};

const tty = { isatty: () => false, ReadStream: class ReadStream {}, WriteStream: class WriteStream {} };
const domain = { create: () => Object.assign(new EventEmitter(), { run: (callback) => callback(), add() {}, bind: (callback) => callback }) };

module.exports = {
  async_hooks, diagnostics_channel, vm, v8, readline, 'readline/promises': readline, perf_hooks, tty, domain,
};
