// `process`: what belongs to the invocation is read from WASI when it starts.
'use strict';

const EventEmitter = require('./events.js');
const loop = require('./loop.js');
const wasi = require('./wasi.js');
const { limit } = require('./errors.js');

const VERSION = 'v22.0.0';
const START = { monotonic: 0n };
const process = Object.create(Object.create(EventEmitter.prototype, {
  constructor: { value: Object.assign(function process() {}, {}), configurable: true },
}));
EventEmitter.call(process);

let folder = '/var/task';

Object.assign(process, {
  title: 'node',
  version: VERSION,
  versions: { node: VERSION.slice(1), quickjs: '0.15.0', modules: '127', uv: '1.48.0' },
  release: { name: 'node', lts: 'Jod' },
  arch: 'x64',
  platform: 'linux',
  pid: 2,
  ppid: 1,
  argv: ['/var/lang/bin/node', '/var/runtime/index.mjs'],
  argv0: '/var/lang/bin/node',
  execArgv: [],
  execPath: '/var/lang/bin/node',
  exitCode: undefined,
  env: {},
  features: { inspector: false, ipv6: false, tls: false, typescript: false },
  config: { target_defaults: {}, variables: {} },
  allowedNodeEnvironmentFlags: new Set(),
  nextTick: loop.nextTick,
  cwd: () => folder,
  chdir(to) {
    folder = require('./path.js').resolve(folder, String(to));
  },
  umask: () => 0o022,
  uptime: () => Number(wasi.clock(1) - START.monotonic) / 1e9,
  memoryUsage: Object.assign(() => ({
    rss: 67108864, heapTotal: 33554432, heapUsed: 16777216, external: 1048576, arrayBuffers: 65536,
  }), { rss: () => 67108864 }),
  resourceUsage: () => ({ userCPUTime: 0, systemCPUTime: 0, maxRSS: 65536 }),
  cpuUsage(since) {
    const user = Number((wasi.clock(1) - START.monotonic) / 1000n);
    return { user: user - (since ? since.user : 0), system: 0 };
  },
  getuid: () => 993,
  geteuid: () => 993,
  getgid: () => 990,
  getegid: () => 990,
  getgroups: () => [990],
  emitWarning(warning, options) {
    const name = typeof options === 'string' ? options : (options && options.type) || 'Warning';
    const text = warning instanceof Error ? warning.toString() : `${name}: ${warning}`;
    process.stderr.write(`(node:${process.pid}) ${text}\n`);
  },
  abort: () => process.exit(134),
  kill() {
    throw limit('a handler cannot send signals', 'nothing but this handler runs in its sandbox');
  },
  dlopen() {
    throw limit('native addons (.node) cannot be loaded', 'use a package in plain JavaScript or WebAssembly instead');
  },
  binding() {
    throw limit('process.binding is not there', 'use the public modules of Node.js');
  },
});

process.hrtime = function hrtime(since) {
  const now = wasi.clock(1);
  let seconds = Number(now / 1000000000n);
  let nanos = Number(now % 1000000000n);
  if (since !== undefined) {
    seconds -= since[0];
    nanos -= since[1];
    if (nanos < 0) {
      seconds -= 1;
      nanos += 1000000000;
    }
  }
  return [seconds, nanos];
};
process.hrtime.bigint = () => wasi.clock(1);

// An environment as Node has it: every value is a string.
function environment(pairs) {
  return new Proxy(Object.fromEntries(pairs), {
    set(target, name, value) {
      target[name] = String(value);
      return true;
    },
    defineProperty(target, name, property) {
      return Reflect.defineProperty(target, name, { ...property, value: String(property.value) });
    },
  });
}

process._begin = function () {
  START.monotonic = wasi.clock(1);
  process.env = environment(wasi.environment());
  folder = process.env.LAMBDA_TASK_ROOT || '/var/task';
  // A library that asks for the version is told the one that the function was deployed for.
  const [, major] = /nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV || '') || [];
  process.version = major === undefined ? VERSION : `v${major}.0.0`;
  process.versions.node = process.version.slice(1);
};
Object.defineProperty(process, '_begin', { enumerable: false });
Object.defineProperty(process, Symbol.toStringTag, { value: 'process', configurable: true });

module.exports = process;
