// What cannot work in the sandbox. The modules load, since many packages load them without need; what would use the
// network, processes or threads throws, and says what to do instead.
'use strict';

const EventEmitter = require('./events.js');
const { limit } = require('./errors.js');

const NETWORK = 'let a Task state of the workflow make the call, or pass the data in with the event';
const ALONE = 'run the work in the handler itself, or as tasks of their own in a Map or Parallel state';

function refusing(what, instead) {
  return function refused() { throw limit(what, instead); };
}

function group(prefix, names, what, instead) {
  return Object.fromEntries(names.map((name) => [name, refusing(`${prefix}.${name}: ${what}`, instead)]));
}

const network = (prefix, names) => group(prefix, names, 'the sandbox has no network', NETWORK);
const process = (prefix, names) => group(prefix, names, 'the sandbox starts no processes', ALONE);
const threads = (prefix, names) => group(prefix, names, 'the sandbox has no threads', ALONE);

class Agent extends EventEmitter {
  constructor(options = {}) {
    super();
    Object.assign(this, { options, maxSockets: options.maxSockets || Infinity, requests: {}, sockets: {}, freeSockets: {} });
  }
  destroy() {}
}

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'];
const STATUS_CODES = {
  200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No Content', 206: 'Partial Content', 301: 'Moved Permanently',
  302: 'Found', 303: 'See Other', 304: 'Not Modified', 307: 'Temporary Redirect', 308: 'Permanent Redirect',
  400: 'Bad Request', 401: 'Unauthorized', 402: 'Payment Required', 403: 'Forbidden', 404: 'Not Found',
  405: 'Method Not Allowed', 406: 'Not Acceptable', 408: 'Request Timeout', 409: 'Conflict', 410: 'Gone',
  412: 'Precondition Failed', 413: 'Payload Too Large', 415: 'Unsupported Media Type', 418: "I'm a Teapot",
  422: 'Unprocessable Entity', 429: 'Too Many Requests', 500: 'Internal Server Error', 501: 'Not Implemented',
  502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout',
};

function http(name) {
  return {
    ...network(name, ['request', 'get', 'createServer']), Agent, globalAgent: new Agent(), METHODS, STATUS_CODES,
    maxHeaderSize: 16384, IncomingMessage: class IncomingMessage extends EventEmitter {},
    ServerResponse: class ServerResponse extends EventEmitter {}, ClientRequest: class ClientRequest extends EventEmitter {},
    OutgoingMessage: class OutgoingMessage extends EventEmitter {}, Server: class Server extends EventEmitter {},
  };
}

const isIPv4 = (text) => /^(\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every((part) => Number(part) < 256);
const isIPv6 = (text) => /^[0-9a-f:.]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`);
const net = {
  ...network('net', ['connect', 'createConnection', 'createServer']), isIPv4, isIPv6,
  isIP: (text) => (isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0),
  Socket: class Socket extends EventEmitter { connect() { throw limit('net.Socket: the sandbox has no network', NETWORK); } },
  Server: class Server extends EventEmitter { listen() { throw limit('net.Server: the sandbox has no network', NETWORK); } },
};

const lookups = ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveMx', 'resolveTxt', 'resolveSrv', 'resolveCname', 'reverse'];
const dns = { ...network('dns', lookups), Resolver: class Resolver {}, setServers() {}, getServers: () => [], setDefaultResultOrder() {} };
dns.promises = network('dns.promises', lookups);

const processes = process('child_process', ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync']);
const workers = {
  ...threads('worker_threads', ['receiveMessageOnPort', 'moveMessagePortToContext']), isMainThread: true, parentPort: null,
  workerData: null, threadId: 0, resourceLimits: {}, SHARE_ENV: Symbol.for('nodejs.worker_threads.SHARE_ENV'),
  Worker: refusing('worker_threads.Worker: the sandbox has no threads', ALONE),
  MessageChannel: refusing('MessageChannel: the sandbox has no threads', ALONE),
};

const WEB_STREAMS = Object.fromEntries(['ReadableStream', 'WritableStream', 'TransformStream'].map((name) => [name,
  refusing(`${name}: web streams are not there`, 'use the streams of node:stream')]));

const debugging = 'read the log of the execution instead';
const modules = {
  http: http('http'), https: http('https'),
  http2: { ...network('http2', ['connect', 'createServer', 'createSecureServer']), constants: {} },
  net, dns, 'dns/promises': dns.promises,
  tls: { ...network('tls', ['connect', 'createServer', 'createSecureContext']), TLSSocket: class TLSSocket extends EventEmitter {}, rootCertificates: [] },
  dgram: network('dgram', ['createSocket']),
  child_process: processes,
  cluster: { ...process('cluster', ['fork', 'setupPrimary']), isPrimary: true, isMaster: true, isWorker: false, workers: {} },
  worker_threads: workers,
  inspector: { ...group('inspector', ['open', 'waitForDebugger'], 'the sandbox has no debugger', debugging), url: () => undefined, close() {},
    Session: refusing('inspector.Session: the sandbox has no debugger', debugging) },
  repl: group('repl', ['start'], 'the sandbox has no terminal', 'pass the input with the event'),
  wasi: { WASI: refusing('wasi.WASI: the engine has no WebAssembly of its own', 'make a guest of the module and call it from the workflow') },
  trace_events: { createTracing: () => ({ enable() {}, disable() {}, enabled: false }), getEnabledCategories: () => undefined },
};
modules['stream/web'] = WEB_STREAMS;
modules['inspector/promises'] = modules.inspector;

function fetchRefused() {
  const error = new TypeError('fetch failed');
  error.cause = limit('fetch: the sandbox has no network', NETWORK);
  error.message = error.cause.message;
  return Promise.reject(error);
}

const globals = {
  ...WEB_STREAMS,
  WebSocket: refusing('WebSocket: the sandbox has no network', NETWORK),
  EventSource: refusing('EventSource: the sandbox has no network', NETWORK),
  BroadcastChannel: refusing('BroadcastChannel: the sandbox has no threads', ALONE),
  MessageChannel: workers.MessageChannel,
};

module.exports = { modules, globals, fetch: fetchRefused };
