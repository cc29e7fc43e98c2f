// Every name of Node's own modules: which can be required here, and what is said of the others.
const NAMES = ["assert", "assert/strict", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram", "diagnostics_channel", "dns", "dns/promises", "domain", "events", "fs", "fs/promises", "http", "http2", "https", "inspector", "inspector/promises", "module", "net", "os", "path", "path/posix", "path/win32", "perf_hooks", "process", "punycode", "querystring", "readline", "readline/promises", "repl", "stream", "stream/consumers", "stream/promises", "stream/web", "string_decoder", "sys", "timers", "timers/promises", "tls", "trace_events", "tty", "url", "util", "util/types", "v8", "vm", "wasi", "worker_threads", "zlib"];
exports.handler = async () => {
  const loads = [];
  const fails = {};
  for (const name of NAMES) {
    try {
      require(name);
      loads.push(name);
    } catch (error) {
      fails[name] = error.message.split('\n')[0];
    }
  }
  return { loads, fails };
};
