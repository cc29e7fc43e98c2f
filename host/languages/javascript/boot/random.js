// `Math.random` from WASI: the engine's own generator is seeded when the snapshot is made.
'use strict';

const wasi = require('./wasi.js');

const drawn = new Uint32Array(64);
let at = drawn.length;

Math.random = function random() {
  if (at >= drawn.length) {
    wasi.random(drawn);
    at = 0;
  }
  const high = drawn[at++] >>> 5;
  const low = drawn[at++] >>> 6;
  return (high * 67108864 + low) / 9007199254740992;
};
Object.defineProperty(Math, 'random', { enumerable: false });
