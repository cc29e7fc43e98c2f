const { AsyncLocalStorage } = require('async_hooks');
const storage = new AsyncLocalStorage();
const zlib = require('zlib');
exports.handler = async () => {
  const seen = await storage.run({ id: 7 }, async () => { await null; return storage.getStore().id; });
  const text = 'abc'.repeat(1000);
  return { seen, after: storage.getStore() ?? null, gzip: zlib.gunzipSync(zlib.gzipSync(text)).toString() === text, small: zlib.deflateSync(text).length < 100,
    bad: (() => { try { zlib.gunzipSync(Buffer.from('nope')); } catch (e) { return e.code; } })() };
};
