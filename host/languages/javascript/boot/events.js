// `events`: the package of that name and what Node has added since.
'use strict';

const EventEmitter = require('/node/node_modules/events/events.js');

EventEmitter.EventEmitter = EventEmitter;
EventEmitter.errorMonitor = Symbol('events.errorMonitor');
EventEmitter.captureRejectionSymbol = Symbol.for('nodejs.rejection');
EventEmitter.captureRejections = false;
EventEmitter.setMaxListeners = (count, ...emitters) => {
  for (const emitter of emitters) if (emitter.setMaxListeners) emitter.setMaxListeners(count);
};
EventEmitter.getEventListeners = (emitter, name) => emitter.listeners(name);
EventEmitter.addAbortListener = (signal, listener) => {
  if (signal.aborted) queueMicrotask(() => listener());
  else signal.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', listener) };
};

const emit = EventEmitter.prototype.emit;
EventEmitter.prototype.emit = function (name, ...args) {
  if (name === 'error' && this._events && this._events[EventEmitter.errorMonitor] !== undefined) {
    emit.call(this, EventEmitter.errorMonitor, ...args);
  }
  return emit.call(this, name, ...args);
};

// An async iterator over what an emitter emits.
EventEmitter.on = function (emitter, name, { signal } = {}) {
  const arrived = [];
  const waiting = [];
  let error;
  let isDone = false;
  const take = (...args) => (waiting.length > 0 ? waiting.shift().resolve({ value: args, done: false }) : arrived.push(args));
  const fail = (reason) => {
    if (waiting.length > 0) waiting.shift().reject(reason);
    else error = reason;
  };
  emitter.on(name, take);
  if (name !== 'error') emitter.on('error', fail);
  if (signal) EventEmitter.addAbortListener(signal, () => fail(signal.reason));
  return {
    next() {
      if (arrived.length > 0) return Promise.resolve({ value: arrived.shift(), done: false });
      if (error !== undefined) return Promise.reject(error);
      if (isDone) return Promise.resolve({ value: undefined, done: true });
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return() {
      isDone = true;
      emitter.off(name, take);
      emitter.off('error', fail);
      for (const { resolve } of waiting) resolve({ value: undefined, done: true });
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() { return this; },
  };
};

module.exports = EventEmitter;
