// Event, EventTarget, AbortController: the web's events, as Node offers them among its globals.
'use strict';

const { timers } = require('./loop.js');

class Event {
  #isPrevented = false;
  _isStopped = false;
  constructor(type, { bubbles = false, cancelable = false, composed = false } = {}) {
    Object.assign(this, { bubbles, cancelable, composed });
    this.type = String(type);
    this.target = null;
    this.currentTarget = null;
    this.timeStamp = performance.now();
    this.isTrusted = false;
  }
  get defaultPrevented() { return this.#isPrevented; }
  preventDefault() { if (this.cancelable) this.#isPrevented = true; }
  stopPropagation() {}
  stopImmediatePropagation() { this._isStopped = true; }
  composedPath() { return this.target ? [this.target] : []; }
}

class CustomEvent extends Event {
  constructor(type, options = {}) {
    super(type, options);
    this.detail = options.detail === undefined ? null : options.detail;
  }
}

class EventTarget {
  #listeners = new Map();
  addEventListener(type, listener, options = {}) {
    if (listener === null || listener === undefined) return;
    const { once = false, signal } = typeof options === 'object' && options !== null ? options : {};
    const all = this.#listeners.get(type) || [];
    if (all.some((other) => other.listener === listener) || (signal && signal.aborted)) return;
    this.#listeners.set(type, [...all, { listener, once }]);
    if (signal) signal.addEventListener('abort', () => this.removeEventListener(type, listener), { once: true });
  }
  removeEventListener(type, listener) {
    const all = this.#listeners.get(type) || [];
    this.#listeners.set(type, all.filter((other) => other.listener !== listener));
  }
  dispatchEvent(event) {
    event.target = event.currentTarget = this;
    for (const { listener, once } of this.#listeners.get(event.type) || []) {
      if (once) this.removeEventListener(event.type, listener);
      if (typeof listener === 'function') listener.call(this, event);
      else listener.handleEvent(event);
      if (event._isStopped) break;
    }
    return !event.defaultPrevented;
  }
}

let mayMake = false;
class AbortSignal extends EventTarget {
  constructor() {
    super();
    if (!mayMake) throw new TypeError('Illegal constructor');
    this.aborted = false;
    this.reason = undefined;
    this.onabort = null;
  }
  throwIfAborted() { if (this.aborted) throw this.reason; }
  static abort(reason) {
    const controller = new AbortController();
    controller.abort(reason);
    return controller.signal;
  }
  static timeout(after) {
    const controller = new AbortController();
    const reason = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    timers.setTimeout(() => controller.abort(reason()), after).unref();
    return controller.signal;
  }
  static any(signals) {
    const controller = new AbortController();
    for (const signal of signals) {
      if (signal.aborted) controller.abort(signal.reason);
      else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
    }
    return controller.signal;
  }
}

class AbortController {
  constructor() {
    mayMake = true;
    this.signal = new AbortSignal();
    mayMake = false;
  }
  abort(reason = new DOMException('This operation was aborted', 'AbortError')) {
    const { signal } = this;
    if (signal.aborted) return;
    signal.aborted = true;
    signal.reason = reason;
    const event = new Event('abort');
    if (typeof signal.onabort === 'function') signal.onabort(event);
    signal.dispatchEvent(event);
  }
}

module.exports = { Event, CustomEvent, EventTarget, AbortSignal, AbortController };
