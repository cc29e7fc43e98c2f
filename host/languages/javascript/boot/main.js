// Evaluated once, when the snapshot is made: loads the library, makes the globals, and leaves the hooks that the
// host calls (see the driver's documentation). Everything that a handler may ever require is in memory afterwards.
(function () {
  'use strict';
  const native = {};
  for (const name of ['wasi', 'address', 'eval', 'finish', 'library', 'encode', 'decode']) {
    native[name] = globalThis['__wf_' + name];
    delete globalThis['__wf_' + name];
  }
  const ROOT = '/node';
  const loaded = new Map();
  const found = new Map();
  // What the files loaded so far may require, now or later: [name, from].
  const wanted = [];
  const REQUIRE = /\brequire\((['"])([^'"]+)\1\)/g;
  // What packages of the library ask for, where it is not a file of theirs.
  const INSTEAD = {
    'abort-controller': './events-web.js',
    buffer: './buffer.js',
    events: './events.js',
    process: './process.js',
    punycode: ROOT + '/node_modules/punycode/punycode.js',
    tr46: './tr46.js',
    util: './util.js',
  };

  function read(path) {
    return native.library(path) || undefined;
  }

  function packageMain(folder) {
    const json = read(folder + '/package.json');
    return json && JSON.parse(json).main;
  }

  // Where a path leads, remembered: files cannot be read once the snapshot is made.
  function file(path) {
    if (!found.has(path)) found.set(path, search(path));
    return found.get(path);
  }

  function search(path) {
    const direct = ['', '.js', '.cjs', '.json'].find((ending) => /\.\w+$/.test(path + ending) && read(path + ending));
    if (direct !== undefined) return path + direct;
    const main = packageMain(path);
    const inside = main && file(join(path, main));
    return inside || (read(path + '/index.js') && path + '/index.js');
  }

  function join(folder, name) {
    const parts = [];
    for (const part of (folder + '/' + name).split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '.' && part !== '') parts.push(part);
    }
    return '/' + parts.join('/');
  }

  function resolve(name, from) {
    name = name.replace(/^node:/, '').replace(/(.)\/$/, '$1');
    if (Object.hasOwn(INSTEAD, name) && !from.endsWith(INSTEAD[name].slice(1))) name = INSTEAD[name];
    else if (name.startsWith('.')) return file(join(from.slice(0, from.lastIndexOf('/')), name));
    if (name.startsWith('/')) return name;
    if (name.startsWith('./')) return join(ROOT + '/boot', name);
    return file(ROOT + '/node_modules/' + name);
  }

  function load(path) {
    if (loaded.has(path)) return loaded.get(path).exports;
    const module = { exports: {} };
    loaded.set(path, module);
    const source = read(path);
    if (path.endsWith('.json')) return (module.exports = JSON.parse(source));
    for (const [, , name] of source.matchAll(REQUIRE)) wanted.push([name, path]);
    const wrapped = '(function (exports, require, module, native) {' + source + '\n})';
    const run = native.eval(wrapped, path, 0);
    run.call(module.exports, module.exports, requireFrom(path), module, native);
    return module.exports;
  }

  function requireFrom(from) {
    return (name) => {
      const path = resolve(name, from);
      if (path === undefined) throw new Error(`the library has no ${name}, which ${from} asks for`);
      return load(path);
    };
  }

  const require = requireFrom(ROOT + '/boot/main.js');
  const { shown } = require('./errors.js');
  require('./globals.js');
  const hooks = require('./invoke.js');
  // Loads what is required only when it is used, too.
  while (wanted.length > 0) {
    const path = resolve(...wanted.pop());
    if (path !== undefined) load(path);
  }
  shown.library = false;
  Object.defineProperty(globalThis, '__wf_host', { value: Object.freeze(hooks) });
})();
