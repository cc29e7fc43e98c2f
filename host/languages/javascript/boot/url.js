// `url`.
'use strict';

const whatwg = require('whatwg-url');
const { coded } = require('./errors.js');

const { URLSearchParams } = whatwg;

class URL extends whatwg.URL {
  constructor(url, base) {
    try {
      super(url, base);
    } catch {
      const error = coded(TypeError, 'ERR_INVALID_URL', 'Invalid URL');
      error.input = String(url);
      if (base !== undefined) error.base = String(base);
      throw error;
    }
  }
}

URL.canParse = (url, base) => URL.parse(url, base) !== null;
URL.parse = (url, base) => {
  try {
    return new URL(url, base);
  } catch {
    return null;
  }
};

const INSPECT = Symbol.for('nodejs.util.inspect.custom');
Object.defineProperty(URL.prototype, INSPECT, {
  value(depth, options, inspect) {
    const { href, origin, protocol, username, password, host, hostname, port, pathname, search, searchParams, hash } = this;
    const shown = { href, origin, protocol, username, password, host, hostname, port, pathname, search, searchParams, hash };
    return `URL ${(inspect || require('./util.js').inspect)(shown, options)}`;
  },
});
Object.defineProperty(URLSearchParams.prototype, INSPECT, {
  value(depth, options, inspect) {
    const entries = [...this].map(([name, value]) => `'${name}' => '${value}'`).join(', ');
    return entries === '' ? 'URLSearchParams {}' : `URLSearchParams { ${entries} }`;
  },
});
if (!('size' in URLSearchParams.prototype)) {
  Object.defineProperty(URLSearchParams.prototype, 'size', { get() { return [...this].length; } });
}

function fileURLToPath(url) {
  const parsed = typeof url === 'string' ? new URL(url) : url;
  if (parsed.protocol !== 'file:') throw coded(TypeError, 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
  return decodeURIComponent(parsed.pathname);
}

function pathToFileURL(path) {
  const resolved = require('./path.js').resolve(path);
  const escaped = resolved.replace(/[%?#\\\n\r\t]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'));
  return new URL('file://' + escaped);
}

const PARTS = /^([a-z][a-z0-9.+-]*:)?(\/\/)?(?:([^/?#@]*)@)?([^/?#]*)?([^?#]*)(\?[^#]*)?(#.*)?$/i;

// The old API, on what the web's can tell.
function parse(text, parseQuery = false, slashesDenoteHost = false) {
  const [, protocol = null, slashes, auth = null, authority = '', rest = '', search = null, hash = null] = PARTS.exec(String(text).trim()) || [];
  const hasHost = slashes !== undefined && (protocol !== null || slashesDenoteHost);
  const [, hostname = null, port = null] = hasHost ? /^(.*?)(?::(\d*))?$/.exec(authority) : [];
  const pathname = (hasHost ? rest : (slashes || '') + authority + rest) || (hasHost ? '/' : null);
  const query = search === null ? null : search.slice(1);
  const url = Object.assign(new Url(), {
    protocol: protocol && protocol.toLowerCase(),
    slashes: slashes !== undefined || null,
    auth: auth && decodeURIComponent(auth),
    host: hasHost ? authority.toLowerCase() : null,
    port: port || null,
    hostname: hostname && hostname.toLowerCase(),
    hash,
    search,
    query: parseQuery ? require('./querystring.js').parse(query || '') : query,
    pathname,
    path: pathname || search ? (pathname || '') + (search || '') : null,
  });
  url.href = format(url);
  return url;
}

class Url {}

function format(url, options = {}) {
  if (typeof url === 'string') url = parse(url);
  if (url instanceof URL) {
    const copy = new URL(url.href);
    if (options.fragment === false) copy.hash = '';
    if (options.search === false) copy.search = '';
    if (options.auth === false) copy.username = copy.password = '';
    return copy.href;
  }
  const { protocol = '', auth, hostname, port, pathname, query, hash } = url;
  const scheme = protocol && !protocol.endsWith(':') ? protocol + ':' : protocol || '';
  const host = url.host || (hostname ? hostname + (port ? ':' + port : '') : '');
  const isSlashed = url.slashes || /^(https?|ftp|file|wss?):$/.test(scheme);
  const asked = query && typeof query === 'object' ? require('./querystring.js').stringify(query) : query;
  const search = url.search || (asked ? '?' + asked : '');
  const start = scheme + (isSlashed && (host || scheme === 'file:' || url.slashes) ? '//' : '');
  return start + (auth ? encodeURIComponent(auth).replace('%3A', ':') + '@' : '') + host + (pathname || '')
    + (search && !search.startsWith('?') ? '?' + search : search) + (hash ? (hash.startsWith('#') ? hash : '#' + hash) : '');
}

function resolve(from, to) {
  const base = new URL(from, 'resolve://');
  const resolved = new URL(to, base);
  if (resolved.protocol !== 'resolve:') return resolved.href;
  return resolved.pathname + resolved.search + resolved.hash;
}

module.exports = {
  URL, URLSearchParams, fileURLToPath, pathToFileURL, parse, format, resolve, Url,
  fileURLToPathBuffer: (url) => Buffer.from(fileURLToPath(url)),
  domainToASCII: (domain) => require('./tr46.js').toASCII(domain) || '',
  domainToUnicode: (domain) => require('./tr46.js').toUnicode(domain).domain,
  urlToHttpOptions: ({ protocol, hostname, hash, search, pathname, href, port }) => ({
    protocol, hostname, hash, search, pathname, path: pathname + search, href, ...(port ? { port: Number(port) } : {}),
  }),
};
