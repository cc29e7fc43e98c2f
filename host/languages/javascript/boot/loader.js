// CommonJS as Node resolves and loads it: files, folders, packages with `exports` and `imports`, node_modules upwards,
// layers below /opt/nodejs, and the library's own modules.
'use strict';

const builtins = require('./builtins.js');
const files = require('./files.js');
const paths = require('./path.js');
const wasi = require('./wasi.js');
const { coded, limit, shifts } = require('./errors.js');

// Where Lambda's own runtime would be, which requires the handler's file.
const RUNTIME = '/var/runtime/index.mjs';
const ENDINGS = ['.js', '.json', '.node'];
const WRAPPER = '(function (exports, require, module, __filename, __dirname) {';
const CONDITIONS = { require: ['node', 'require', 'module-sync', 'default'], import: ['node', 'import', 'module-sync', 'default'] };

// A name in a folder, both of them plain: `join` would look at every character.
function inside(folder, name) {
  return folder === '/' ? '/' + name : `${folder}/${name}`;
}

const kinds = new Map();
function kindOf(path) {
  if (!kinds.has(path)) kinds.set(path, files.kindOf(path));
  return kinds.get(path);
}
const isFile = (path) => kindOf(path) === 'file';

function read(path) {
  const text = wasi.decode(files.contents(path));
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

const packages = new Map();
function packageAt(folder) {
  if (!packages.has(folder)) {
    const path = inside(folder, 'package.json');
    packages.set(folder, isFile(path) ? parsePackage(path) : undefined);
  }
  return packages.get(folder);
}

function parsePackage(path) {
  try {
    return JSON.parse(read(path));
  } catch (error) {
    throw coded(Error, 'ERR_INVALID_PACKAGE_CONFIG', `Invalid package config ${path}. ${error.message}`);
  }
}

// The package that a file belongs to: its folder and description.
function scopeOf(path) {
  for (let folder = paths.dirname(path); ; folder = paths.dirname(folder)) {
    const json = packageAt(folder);
    if (json !== undefined) return { folder, json };
    if (folder === '/' || folder.endsWith('/node_modules')) return undefined;
  }
}

function asFile(path) {
  if (isFile(path)) return path;
  const ending = ENDINGS.find((end) => isFile(path + end));
  return ending && path + ending;
}

function asFolder(path) {
  if (kindOf(path) !== 'directory') return undefined;
  const json = packageAt(path);
  const main = json && typeof json.main === 'string' && json.main;
  const index = (folder) => asFile(paths.join(folder, 'index'));
  if (!main) return index(path);
  const target = paths.resolve(path, main);
  return asFile(target) || index(target) || index(path);
}

function target(value, folder, rest, conditions, isImports) {
  if (typeof value === 'string') {
    const filled = rest === undefined ? value : value.replaceAll('*', rest);
    if (filled.startsWith('./')) return paths.join(folder, filled);
    return isImports ? resolveBare(filled, paths.join(folder, 'package.json'), conditions) : undefined;
  }
  if (Array.isArray(value)) {
    for (const one of value) {
      const found = target(one, folder, rest, conditions, isImports);
      if (found) return found;
    }
    return undefined;
  }
  if (value === null || typeof value !== 'object') return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (!conditions.includes(name)) continue;
    const found = target(inner, folder, rest, conditions, isImports);
    if (found !== undefined) return found;
  }
  return undefined;
}

// The entry of `exports` or `imports` for a key, patterns with `*` included.
function mapped(map, key, folder, conditions, isImports) {
  if (Object.hasOwn(map, key) && !key.includes('*')) return target(map[key], folder, undefined, conditions, isImports);
  let best;
  for (const pattern of Object.keys(map)) {
    const [start, end] = pattern.endsWith('/') ? [pattern, ''] : pattern.split('*');
    if (end === undefined || !key.startsWith(start) || !key.endsWith(end) || key.length < start.length + end.length) continue;
    if (best === undefined || start.length > best.start.length) best = { pattern, start, end };
  }
  if (best === undefined) return undefined;
  const rest = key.slice(best.start.length, key.length - best.end.length);
  const value = best.pattern.endsWith('/') ? map[best.pattern] + rest : map[best.pattern];
  return target(value, folder, rest, conditions, isImports);
}

function fromExports(folder, json, key, conditions) {
  const { exports } = json;
  const isMap = exports !== null && typeof exports === 'object' && !Array.isArray(exports) && Object.keys(exports).some((name) => name.startsWith('.'));
  const found = mapped(isMap ? exports : { '.': exports }, key, folder, conditions, false);
  if (found !== undefined && isFile(found)) return found;
  if (found !== undefined) throw notFound(found, undefined);
  const what = key === '.' ? 'No "exports" main defined' : `Package subpath '${key}' is not defined by "exports"`;
  throw coded(Error, 'ERR_PACKAGE_PATH_NOT_EXPORTED', `${what} in ${paths.join(folder, 'package.json')}`);
}

function split(name) {
  const parts = name.split('/');
  const length = name.startsWith('@') ? 2 : 1;
  return [parts.slice(0, length).join('/'), ['.', ...parts.slice(length)].join('/')];
}

function searched(from) {
  const found = [];
  for (let folder = paths.dirname(from); ; folder = paths.dirname(folder)) {
    if (!folder.endsWith('/node_modules')) found.push(inside(folder, 'node_modules'));
    if (folder === '/') break;
  }
  const { NODE_PATH = '' } = process.env;
  return [...found, ...NODE_PATH.split(':').filter(Boolean), '/opt/nodejs/node_modules', '/opt/nodejs'];
}

function resolveBare(name, from, conditions) {
  const [packageName, key] = split(name);
  const own = scopeOf(from);
  if (own && own.json.name === packageName && own.json.exports) return fromExports(own.folder, own.json, key, conditions);
  for (const folder of searched(from)) {
    if (kindOf(folder) !== 'directory') continue;
    const home = inside(folder, packageName);
    const json = kindOf(home) === 'directory' ? packageAt(home) : undefined;
    if (json && json.exports !== undefined && json.exports !== null) return fromExports(home, json, key, conditions);
    const path = inside(folder, name);
    const found = asFile(path) || asFolder(path);
    if (found) return found;
  }
  return undefined;
}

function resolve(name, from, conditions = CONDITIONS.require) {
  if (/^\.{0,2}\//.test(name) || name === '.' || name === '..') {
    const path = paths.resolve(paths.dirname(from), name);
    return (!name.endsWith('/') && asFile(path)) || asFolder(path);
  }
  if (name.startsWith('#')) {
    const own = scopeOf(from);
    const found = own && own.json.imports && mapped(own.json.imports, name, own.folder, conditions, true);
    if (found) return found;
    throw coded(TypeError, 'ERR_PACKAGE_IMPORT_NOT_DEFINED', `Package import specifier "${name}" is not defined imported from ${from}`);
  }
  return resolveBare(name, from, conditions);
}

function notFound(name, stack) {
  if (/^@aws-sdk\/|^aws-sdk(\/|$)|^@smithy\//.test(name)) {
    return coded(Error, 'MODULE_NOT_FOUND', `wf-host: ${name} is not in the sandbox, which has no network; `
      + 'let a Task state call the service, or put the package into node_modules if only its types or helpers are used');
  }
  const trail = stack && stack.length > 0 ? `\nRequire stack:\n${stack.map((path) => `- ${path}`).join('\n')}` : '';
  const error = coded(Error, 'MODULE_NOT_FOUND', `Cannot find module '${name}'${trail}`);
  error.requireStack = stack || [];
  return error;
}

const cache = Object.create(null);
const extensions = Object.create(null);

class Module {
  constructor(id = '', parent) {
    this.id = id;
    this.path = paths.dirname(id);
    this.exports = {};
    this.filename = id;
    this.loaded = false;
    this.children = [];
    Object.defineProperty(this, 'parent', { value: parent, enumerable: false });
  }
  get paths() { return searched(this.id).slice(0, -2); }
  require(name) { return load(name, this); }
  _compile(source, path) {
    const run = compile(source, path);
    const require = requireFor(this);
    return run.call(this.exports, this.exports, require, this, path, paths.dirname(path));
  }
}

function stackOf(module) {
  const stack = [];
  for (let at = module; at && at.id; at = at.parent) stack.push(at.id);
  return stack.at(-1) === RUNTIME ? stack : [...stack, RUNTIME];
}

function compile(source, path) {
  const text = source.replace(/^#!.*/, '');
  shifts.set(path, WRAPPER.length);
  return native.eval(WRAPPER + text + '\n})', path, 0);
}

function load(name, parent) {
  if (typeof name !== 'string' || name === '') {
    throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument 'id' must be a non-empty string. Received ${JSON.stringify(name)}`);
  }
  const builtin = builtins.get(name);
  if (builtin !== undefined) return builtin.exports;
  const path = resolve(name, parent.id, CONDITIONS.require);
  if (path === undefined) throw notFound(name, stackOf(parent));
  return loadFile(path, parent);
}

function loadFile(path, parent) {
  if (cache[path] !== undefined) return cache[path].exports;
  const module = new Module(path, parent);
  cache[path] = module;
  if (parent) parent.children.push(module);
  let isLoaded = false;
  try {
    (extensions[paths.extname(path)] || extensions['.js'])(module, path);
    isLoaded = true;
  } finally {
    if (!isLoaded) delete cache[path];
  }
  module.loaded = true;
  return module.exports;
}

function isEsm(path) {
  if (path.endsWith('.mjs')) return true;
  if (!path.endsWith('.js')) return false;
  const own = scopeOf(path);
  return own !== undefined && own.json.type === 'module';
}

extensions['.js'] = function (module, path) {
  if (isEsm(path)) {
    module.exports = require('./esm.js').requireModule(path);
    return;
  }
  module._compile(read(path), path);
};
extensions['.json'] = function (module, path) {
  try {
    module.exports = JSON.parse(read(path));
  } catch (error) {
    error.message = `${path}: ${error.message}`;
    throw error;
  }
};
extensions['.node'] = function (module, path) {
  throw limit(`native addons cannot be loaded (${path})`, 'use a package in plain JavaScript or WebAssembly instead');
};

function requireFor(module) {
  function require(name) { return load(name, module); }
  require.resolve = (name, options) => {
    if (builtins.get(name) !== undefined) return name;
    const from = options && options.paths ? options.paths.map((path) => paths.resolve(path, 'x')) : [module.id];
    const path = from.map((one) => resolve(name, one)).find((found) => found !== undefined);
    if (path === undefined) throw notFound(name, stackOf(module));
    return path;
  };
  require.resolve.paths = (name) => (builtins.get(name) ? null : searched(module.id));
  require.cache = cache;
  require.extensions = extensions;
  require.main = undefined;
  return require;
}

function createRequire(from) {
  const path = String(from).startsWith('file:') ? require('./url.js').fileURLToPath(String(from)) : String(from);
  return requireFor(new Module(path));
}

Object.assign(Module, {
  Module, builtinModules: builtins.names, createRequire, isBuiltin: (name) => builtins.get(name) !== undefined,
  _cache: cache, _extensions: extensions, _load: (name, parent) => load(name, parent || new Module('/var/task/x')),
  _resolveFilename: (name, parent) => requireFor(parent || new Module('/var/task/x')).resolve(name),
  _nodeModulePaths: (folder) => searched(paths.join(folder, 'x')).slice(0, -2), wrap: (text) => WRAPPER + text + '\n});',
  globalPaths: [], syncBuiltinESMExports() {}, findSourceMap: () => undefined, register() {},
});

module.exports = { Module, resolve, load, loadFile, read, isEsm, isFile, createRequire, notFound, CONDITIONS, asFile };
