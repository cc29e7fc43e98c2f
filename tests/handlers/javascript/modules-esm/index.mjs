import fs, { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import data from './data.json' with { type: 'json' };
import common, { named } from './common.cjs';
import { twice, counter, increment } from './lib/math.mjs';
import pkg, { which } from 'both';

const require = createRequire(import.meta.url);
const started = await Promise.resolve('top-level await');

export const handler = async (event) => {
  increment();
  const { late } = await import('./lib/late.mjs');
  const missing = await import('./nope.mjs').catch((e) => [e.code, e.message]);
  return { url: import.meta.url, dirname: import.meta.dirname, filename: import.meta.filename, data, common: common.named, named, twice: twice(event.n),
    counter, late, started, which, pkg, required: require('both').which, same: fs.existsSync === existsSync, missing, typeofRequire: typeof module, self: typeof globalThis };
};
