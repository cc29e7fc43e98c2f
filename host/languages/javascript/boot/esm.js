// ES modules through the engine's own loader, which asks here for names and source texts.
'use strict';

const builtins = require('./builtins.js');
const loader = require('./loader.js');
const paths = require('./path.js');
const { shifts, coded } = require('./errors.js');

const MODULE = 1; // The engine's flag for evaluating a module.
const BUILTIN = 'node:';
const DATA = 'data:';

// Values that generated modules take their exports from, by the module's name.
const values = new Map();
Object.defineProperty(globalThis, '__wf_value', { value: (name) => values.get(name) });

function notFound(name, from) {
  const what = /^[./]/.test(name) ? `Cannot find module '${paths.resolve(paths.dirname(from), name)}'` : `Cannot find package '${name}'`;
  return coded(Error, 'ERR_MODULE_NOT_FOUND', `${what} imported from ${from}`);
}

// The full name of what `from` imports as `name`. Called by the engine.
function normalize(from, name) {
  if (builtins.get(name) !== undefined) return BUILTIN + name.replace(/^node:/, '');
  if (name.startsWith(DATA)) return name;
  if (name.startsWith('node:')) throw coded(Error, 'ERR_UNKNOWN_BUILTIN_MODULE', `No such built-in module: ${name}`);
  const path = name.startsWith('file:') ? require('./url.js').fileURLToPath(name) : name;
  // Node wants full names in imports, no endings added; packages are resolved as in CommonJS.
  const isPath = /^\.{0,2}\//.test(path);
  const full = isPath ? paths.resolve(paths.dirname(from), path.replace(/[?#].*$/, '')) : undefined;
  const found = isPath ? (loader.isFile(full) ? full : undefined) : loader.resolve(path, from, loader.CONDITIONS.import);
  if (found === undefined) {
    if (/^@aws-sdk\/|^@smithy\//.test(name)) throw loader.notFound(name);
    throw notFound(name, from);
  }
  return found;
}

// The source text of a module. Called by the engine.
function load(name) {
  if (name.startsWith(BUILTIN)) return generated(name, builtins.get(name.slice(BUILTIN.length)).exports);
  if (name.startsWith(DATA)) return decodeURIComponent(name.slice(name.indexOf(',') + 1));
  if (name.endsWith('.json')) return generated(name, JSON.parse(loader.read(name)), false);
  if (!loader.isEsm(name)) return generated(name, loader.loadFile(name));
  const meta = `import.meta.url=${JSON.stringify(urlOf(name))};import.meta.filename=${JSON.stringify(name)};`
    + `import.meta.dirname=${JSON.stringify(paths.dirname(name))};import.meta.resolve=(n)=>globalThis.__wf_resolve(${JSON.stringify(name)},n);`;
  shifts.set(name, meta.length);
  return meta + loader.read(name).replace(/^#!.*/, '');
}

Object.defineProperty(globalThis, '__wf_resolve', { value: (from, name) => urlOf(normalize(from, name)) });

function urlOf(name) {
  return name.startsWith(BUILTIN) || name.startsWith(DATA) ? name : require('./url.js').pathToFileURL(name).href;
}

const WORDS = new Set(('break case catch class const continue debugger default delete do else enum export extends false finally for '
  + 'function if import in instanceof new null return super switch this throw true try typeof var void while with yield let '
  + 'static await implements interface package private protected public arguments eval').split(' '));

// A module that exports a value as `default` and, if it is an object, its properties by name.
function generated(name, value, named = true) {
  values.set(name, value);
  const isObject = value !== null && (typeof value === 'object' || typeof value === 'function');
  const keys = named && isObject ? Object.keys(value).filter((key) => /^[A-Za-z_$][\w$]*$/.test(key) && key !== 'default') : [];
  const lines = keys.map((key, index) => {
    const local = WORDS.has(key) ? `$${index}` : undefined;
    if (local) return `const ${local}=$v[${JSON.stringify(key)}];export{${local} as ${key}};`;
    return `const $${index}=$v[${JSON.stringify(key)}];export{$${index} as ${key}};`;
  });
  return `const $v=globalThis.__wf_value(${JSON.stringify(name)});export default $v;${lines.join('')}`;
}

// Evaluates the module in a file: a promise of its namespace.
function importFile(path) {
  const source = `import * as $m from ${JSON.stringify(path)};globalThis.__wf_value('entry')($m);`;
  return new Promise((resolve, reject) => {
    values.set('entry', resolve);
    native.eval(source, '/node/entry.mjs', MODULE).catch(reject);
  });
}

// `require` of an ES module: its namespace, if it has no top-level await.
function requireModule(path) {
  let namespace;
  values.set('entry', (value) => { namespace = value; });
  native.eval(`import * as $m from ${JSON.stringify(path)};globalThis.__wf_value('entry')($m);`, '/node/entry.mjs', MODULE).catch(() => {});
  if (namespace !== undefined) return namespace;
  throw coded(Error, 'ERR_REQUIRE_ASYNC_MODULE', `require() cannot be used on an ESM graph with top-level await: ${path}`);
}

module.exports = { normalize, load, importFile, requireModule };
