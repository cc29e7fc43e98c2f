// Headers, Request, Response: what code makes and reads without a network.
'use strict';

class Headers {
  #entries = new Map();
  constructor(init = []) {
    const entries = typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init);
    for (const [name, value] of entries) this.append(name, value);
  }
  append(name, value) {
    const key = String(name).toLowerCase();
    const before = this.#entries.get(key);
    this.#entries.set(key, before === undefined ? String(value).trim() : `${before}, ${String(value).trim()}`);
  }
  set(name, value) { this.#entries.set(String(name).toLowerCase(), String(value).trim()); }
  get(name) {
    const value = this.#entries.get(String(name).toLowerCase());
    return value === undefined ? null : value;
  }
  has(name) { return this.#entries.has(String(name).toLowerCase()); }
  delete(name) { this.#entries.delete(String(name).toLowerCase()); }
  forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
  getSetCookie() { return this.has('set-cookie') ? [this.get('set-cookie')] : []; }
  entries() { return [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1))[Symbol.iterator](); }
  * keys() { for (const [name] of this) yield name; }
  * values() { for (const [, value] of this) yield value; }
  [Symbol.iterator]() { return this.entries(); }
}

class Body {
  #content;
  constructor(content) {
    this.#content = content;
    this.bodyUsed = false;
  }
  async #bytes() {
    if (this.bodyUsed) throw new TypeError('Body is unusable: Body has already been read');
    this.bodyUsed = true;
    const content = this.#content;
    if (content === null || content === undefined) return Buffer.alloc(0);
    if (content instanceof Blob) return Buffer.from(await content.arrayBuffer());
    if (ArrayBuffer.isView(content)) return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    return Buffer.from(content instanceof ArrayBuffer ? new Uint8Array(content) : String(content));
  }
  async text() { return (await this.#bytes()).toString(); }
  async json() { return JSON.parse(await this.text()); }
  async arrayBuffer() { return new Uint8Array(await this.#bytes()).buffer; }
  async bytes() { return new Uint8Array(await this.#bytes()); }
  async blob() { return new Blob([await this.#bytes()]); }
  _copy() { return this.#content; }
}

class Response extends Body {
  constructor(body = null, { status = 200, statusText = '', headers = {} } = {}) {
    super(body);
    Object.assign(this, { status, statusText, headers: new Headers(headers), ok: status >= 200 && status < 300, type: 'default', url: '' });
  }
  clone() { return new Response(this._copy(), this); }
  static json(value, init = {}) {
    return new Response(JSON.stringify(value), { ...init, headers: { 'content-type': 'application/json', ...init.headers } });
  }
  static error() { return Object.assign(new Response(null, { status: 200 }), { status: 0, ok: false, type: 'error' }); }
}

class Request extends Body {
  constructor(url, { method = 'GET', headers = {}, body = null, signal } = {}) {
    super(body);
    Object.assign(this, { url: String(url.url || url), method: method.toUpperCase(), headers: new Headers(headers), signal });
  }
  clone() { return new Request(this.url, { ...this, body: this._copy() }); }
}

class FormData {
  #entries = [];
  append(name, value) { this.#entries.push([String(name), value instanceof Blob ? value : String(value)]); }
  set(name, value) {
    this.delete(name);
    this.append(name, value);
  }
  get(name) {
    const found = this.#entries.find(([key]) => key === name);
    return found === undefined ? null : found[1];
  }
  getAll(name) { return this.#entries.filter(([key]) => key === name).map(([, value]) => value); }
  has(name) { return this.#entries.some(([key]) => key === name); }
  delete(name) { this.#entries = this.#entries.filter(([key]) => key !== name); }
  entries() { return this.#entries[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
}

module.exports = { Headers, Request, Response, FormData };
