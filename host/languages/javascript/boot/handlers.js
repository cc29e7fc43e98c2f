// From a handler's name to its function, as Lambda's runtime for Node.js searches.
'use strict';

const esm = require('./esm.js');
const failures = require('./failures.js');
const loader = require('./loader.js');
const paths = require('./path.js');

const NAME = /^([^.]*)\.(.*)$/;

function parts(full, root) {
  if (full.includes('..')) {
    throw new failures.MalformedHandlerName(`'${full}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
  }
  const base = paths.basename(full);
  const folder = full.slice(0, full.indexOf(base));
  const found = NAME.exec(base);
  if (found === null || found[1] === '' || found[2] === '') throw new failures.MalformedHandlerName('Bad handler');
  return { path: paths.resolve(root, folder, found[1]), folder, module: found[1], properties: found[2].split('.') };
}

async function load({ path, folder, module }, root) {
  const main = loader.createRequire('/var/runtime/index.mjs');
  if (loader.isFile(path)) return main(path);
  for (const ending of ['.js', '.mjs', '.cjs']) {
    const file = path + ending;
    if (!loader.isFile(file)) continue;
    return loader.isEsm(file) ? esm.importFile(file) : main(file);
  }
  const asPackage = loader.resolve(module, paths.join(root, folder, 'x'));
  if (asPackage === undefined) throw loader.notFound(paths.relative(root, path), ['/var/runtime/index.mjs']);
  return loader.isEsm(asPackage) ? esm.importFile(asPackage) : main(asPackage);
}

function renamed(error) {
  if (error instanceof SyntaxError) return new failures.UserCodeSyntaxError(error);
  if (error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND')) return new failures.ImportModuleError(error);
  return error;
}

async function find(full, root) {
  const name = parts(full, root);
  let exported;
  try {
    exported = await load(name, root);
  } catch (error) {
    throw renamed(error);
  }
  const handler = name.properties.reduce((value, property) => (value === undefined || value === null ? undefined : value[property]), exported);
  if (handler === undefined || handler === null) throw new failures.HandlerNotFound(`${full} is undefined or not exported`);
  if (typeof handler !== 'function') throw new failures.HandlerNotFound(`${full} is not a function`);
  return handler;
}

module.exports = { find };
