// Node's globals. Like the built-in ones they are not enumerable, so that nothing seems to leak.
'use strict';

function define(names) {
  for (const [name, value] of Object.entries(names)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

// For packages of the library that look for them while they load.
define({ global: globalThis, Atomics: require('./atomics.js') });
const { TextEncoder, TextDecoder } = require('./text.js');
define({ TextEncoder, TextDecoder });
const { timers, queueMicrotask } = require('./loop.js');
const { promises, ...plain } = timers;
define({ ...plain, queueMicrotask });
require('./random.js');
const wasi = require('./wasi.js');

const performance = {
  timeOrigin: 0,
  now: () => Number(wasi.clock(1) - performance._start) / 1e6,
  mark: (name) => ({ name, entryType: 'mark', startTime: performance.now(), duration: 0 }),
  measure: (name) => ({ name, entryType: 'measure', startTime: 0, duration: performance.now() }),
  clearMarks() {}, clearMeasures() {}, getEntries: () => [], getEntriesByName: () => [], getEntriesByType: () => [],
  timerify: (callback) => callback,
  eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }),
  toJSON: () => ({ timeOrigin: performance.timeOrigin }),
};
Object.defineProperty(performance, '_start', { value: 0n, writable: true });
define({ performance });

const process = require('./process.js');
define({ process });
define(require('./events-web.js'));
const { Buffer, Blob, File } = require('./buffer.js');
define({ Buffer, Blob, File });
const { URL, URLSearchParams } = require('./url.js');
define({ URL, URLSearchParams, structuredClone: require('./clone.js') });
require('./streams.js');
const { console } = require('./console.js');
define({ console });
const limits = require('./limits.js');
define({ ...limits.globals, fetch: limits.fetch, Intl: require('./locale.js').Intl });
define(require('./fetch-types.js'));
define({ crypto: require('./crypto.js').webcrypto });
define({ navigator: { hardwareConcurrency: 2, language: 'en-US', platform: 'linux', userAgent: 'Node.js/22' } });
require('./builtins.js').fill();
