// `path`.
'use strict';

const posix = require('path-browserify');
const { limit } = require('./errors.js');

posix.posix = posix;
posix.win32 = new Proxy({ sep: '\\', delimiter: ';' }, {
  get(target, name) {
    if (name in target || typeof name === 'symbol') return target[name];
    throw limit('path.win32 is not there', 'use path.posix, as the sandbox is a Linux of its own');
  },
});
posix.matchesGlob = undefined;
posix.toNamespacedPath = (path) => path;
// The package reads `process.cwd()` from the global.
module.exports = posix;
