// `stream`, `stream/promises` and `stream/consumers`.
'use strict';

const stream = require('/node/node_modules/readable-stream/lib/ours/browser.js');
const { limit } = require('./errors.js');

async function buffer(source) {
  const chunks = [];
  for await (const chunk of source) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

stream.consumers = {
  buffer,
  text: async (source) => (await buffer(source)).toString(),
  json: async (source) => JSON.parse((await buffer(source)).toString()),
  arrayBuffer: async (source) => new Uint8Array(await buffer(source)).buffer,
  blob: async (source) => new Blob([await buffer(source)]),
};
for (const name of ['fromWeb', 'toWeb']) {
  stream.Readable[name] = stream.Writable[name] = stream.Duplex[name] = () => {
    throw limit('web streams are not there', 'use the streams of node:stream');
  };
}
module.exports = stream;
