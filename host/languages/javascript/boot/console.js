// `console` as Lambda patches it: a line a message, with time, request id and level, as text or as JSON.
'use strict';

const process = require('./process.js');
const wasi = require('./wasi.js');
const util = require('./util.js');

const LEVELS = { TRACE: 1, DEBUG: 2, INFO: 3, WARN: 4, ERROR: 5, FATAL: 6 };
const settings = { requestId: undefined, json: false, least: LEVELS.TRACE };

function begin() {
  const { AWS_LAMBDA_LOG_FORMAT: format, AWS_LAMBDA_LOG_LEVEL: level } = process.env;
  settings.json = String(format).toUpperCase() === 'JSON';
  settings.least = LEVELS[String(level).toUpperCase()] || LEVELS.TRACE;
}

function withErrors(key, value) {
  if (!(value instanceof Error)) return value;
  return { ...value, ...described(value) };
}

function described(error) {
  return {
    errorType: (error.constructor && error.constructor.name) || 'UnknownError',
    errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
  };
}

function json(level, timestamp, args) {
  const line = { timestamp, level, requestId: settings.requestId };
  if (args.length === 1) {
    line.message = args[0];
    try {
      return JSON.stringify(line, withErrors);
    } catch {
      line.message = util.format(args[0]);
      return JSON.stringify(line);
    }
  }
  line.message = util.format(...args);
  const error = args.find((arg) => arg instanceof Error);
  if (error !== undefined) Object.assign(line, described(error));
  return JSON.stringify(line);
}

function text(level, timestamp, args) {
  const message = util.format(...args).replace(/\n/g, '\r');
  return `${timestamp}\t${settings.requestId}\t${level}\t${message}`;
}

function log(level, ...args) {
  if (LEVELS[level] < settings.least) return;
  const timestamp = new Date().toISOString();
  const line = settings.json ? json(level, timestamp, args) : text(level, timestamp, args);
  wasi.write(1, wasi.encode(line + '\n'));
}

const counts = new Map();
const times = new Map();
let indent = '';

function shown(args) {
  if (indent === '') return args;
  return [indent + util.format(...args).replace(/\n/g, '\n' + indent)];
}

class Console {
  log(...args) { log('INFO', ...shown(args)); }
  info(...args) { log('INFO', ...shown(args)); }
  debug(...args) { log('DEBUG', ...shown(args)); }
  warn(...args) { log('WARN', ...shown(args)); }
  error(...args) { log('ERROR', ...shown(args)); }
  fatal(...args) { log('FATAL', ...shown(args)); }
  trace(...args) {
    const error = new Error(util.format(...args));
    log('TRACE', error.stack.replace(/^Error/, 'Trace'));
  }
  assert(condition, ...args) {
    if (condition) return;
    if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
    else args.unshift('Assertion failed');
    this.warn(...args);
  }
  dir(value, options) { log('INFO', util.inspect(value, { customInspect: false, ...options })); }
  dirxml(...args) { this.log(...args); }
  table(value) { log('INFO', require('./table.js')(value)); }
  group(...args) {
    if (args.length > 0) this.log(...args);
    indent += '  ';
  }
  groupCollapsed(...args) { this.group(...args); }
  groupEnd() { indent = indent.slice(2); }
  count(label = 'default') {
    counts.set(label, (counts.get(label) || 0) + 1);
    this.log(`${label}: ${counts.get(label)}`);
  }
  countReset(label = 'default') { counts.delete(label); }
  time(label = 'default') { times.set(label, wasi.clock(1)); }
  timeLog(label = 'default', ...args) { this.log(`${label}: ${since(label)}`, ...args); }
  timeEnd(label = 'default') {
    this.timeLog(label);
    times.delete(label);
  }
  timeStamp() {}
  profile() {}
  profileEnd() {}
}

function since(label) {
  const ms = Number(wasi.clock(1) - (times.get(label) || 0n)) / 1e6;
  return ms < 1000 ? `${Number(ms.toFixed(3))}ms` : `${(ms / 1000).toFixed(3)}s`;
}

// Functions of their own, so that `const { log } = console` works.
const console = {};
for (const name of Object.getOwnPropertyNames(Console.prototype)) {
  if (name !== 'constructor') console[name] = Console.prototype[name].bind(console);
}
console.Console = function (out) {
  const stream = out && out.stdout ? out.stdout : out;
  const made = Object.create(console);
  for (const name of ['log', 'info', 'debug', 'warn', 'error']) {
    made[name] = (...args) => stream.write(util.format(...args) + '\n');
  }
  return made;
};

module.exports = { console, log, begin, settings };
