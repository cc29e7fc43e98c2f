// The modules that handlers can require by name, with and without `node:`.
'use strict';

const small = require('./small.js');
const limits = require('./limits.js');

const modules = new Map();
const ONLY_WITH_SCHEME = new Set(['test', 'sqlite', 'sea', 'test/reporters']);

function add(name, exports) {
  modules.set(name, { exports });
}

function fill() {
  const { timers } = require('./loop.js');
  const util = require('./util.js');
  const stream = require('./stream.js');
  const path = require('./path.js');
  const fs = require('./fs.js');
  const assert = require('./assert.js');
  const all = {
    assert, 'assert/strict': assert.strict, buffer: require('./buffer.js'), console: globalThis.console,
    crypto: require('./crypto.js'), events: require('./events.js'), fs, 'fs/promises': fs.promises,
    module: require('./loader.js').Module, os: require('./os.js'), path, 'path/posix': path, 'path/win32': path.win32,
    process: require('./process.js'), punycode: require('punycode'), querystring: require('./querystring.js'),
    stream, 'stream/promises': stream.promises, 'stream/consumers': stream.consumers,
    string_decoder: require('string_decoder'), timers, 'timers/promises': timers.promises, url: require('./url.js'),
    util, 'util/types': util.types, sys: util, zlib: require('./zlib.js'), constants: { ...fs.constants },
    ...small, ...limits.modules,
  };
  for (const [name, exports] of Object.entries(all)) add(name, exports);
}

function get(name) {
  if (name.startsWith('node:')) return modules.get(name.slice(5));
  return ONLY_WITH_SCHEME.has(name) ? undefined : modules.get(name);
}

const names = [];
module.exports = {
  get, names,
  fill() {
    fill();
    names.push(...[...modules.keys()].filter((name) => !ONLY_WITH_SCHEME.has(name)).sort());
  },
};
