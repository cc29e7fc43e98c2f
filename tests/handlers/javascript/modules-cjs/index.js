const lib = require('./lib');
const data = require('./data');
const { deep } = require('pkg/deep');
const scoped = require('@scope/pkg');
const layer = (() => { try { return require('from-layer'); } catch (e) { return e.code; } })();
const hidden = (() => { try { return require('pkg/hidden'); } catch (e) { return e.code; } })();
const circular = require('./circular/a');
exports.handler = async () => ({ lib, data, deep, scoped, layer, hidden, circular, main: require.resolve('pkg'), cached: require('./lib') === lib,
  cache: Object.keys(require.cache).length, same: require('fs') === require('node:fs'), exportsThis: typeof module.exports, esm: require('./esm.mjs').answer, names: [__filename, __dirname, module.id] });
