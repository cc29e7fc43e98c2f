const crypto = require('crypto');
exports.handler = async () => {
  const started = Date.now();
  const mono = process.hrtime.bigint();
  await new Promise((resolve) => setTimeout(resolve, 600000));
  return { random: [Math.random(), Math.random()], uuid: crypto.randomUUID(), web: globalThis.crypto.randomUUID(), bytes: crypto.randomBytes(8).toString('hex'),
    started: new Date(started).toISOString().slice(0, 19), minutes: Math.floor((Date.now() - started) / 60000), mono: Number((process.hrtime.bigint() - mono) / 60000000000n), zone: new Date().getTimezoneOffset() };
};
