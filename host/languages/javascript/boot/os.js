// `os`: the machine that Lambda shows.
'use strict';

const wasi = require('./wasi.js');

const megabytes = () => Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE || 128) * 1048576;

module.exports = {
  EOL: '\n',
  devNull: '/dev/null',
  arch: () => process.arch,
  availableParallelism: () => 2,
  cpus: () => Array.from({ length: 2 }, () => ({ model: 'wf-host', speed: 2500, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } })),
  endianness: () => 'LE',
  freemem: () => megabytes() / 2,
  totalmem: megabytes,
  homedir: () => process.env.HOME || '/home/sbx_user1051',
  hostname: () => '169.254.0.1',
  loadavg: () => [0, 0, 0],
  machine: () => 'x86_64',
  networkInterfaces: () => ({}),
  platform: () => 'linux',
  release: () => '5.10.0',
  tmpdir: () => process.env.TMPDIR || '/tmp',
  type: () => 'Linux',
  uptime: () => Number(wasi.clock(1)) / 1e9,
  userInfo: () => ({ uid: 993, gid: 990, username: 'sbx_user1051', homedir: '/home/sbx_user1051', shell: '/sbin/nologin' }),
  version: () => '#1 SMP',
  getPriority: () => 0,
  setPriority() {},
  constants: {
    signals: { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 },
    errno: { ENOENT: 2, EIO: 5, EACCES: 13, EEXIST: 17, ENOTDIR: 20, EISDIR: 21, EINVAL: 22 },
    priority: {}, dlopen: {},
  },
};
