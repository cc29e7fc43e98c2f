// Code that calls a service and lives with its failure.
const https = require('https');
exports.handler = async () => {
  const byFetch = await fetch('https://example.com').then(() => 'reached', (e) => [e.name, e.message]);
  const byHttps = await new Promise((resolve) => { try { https.get('https://example.com', resolve).on('error', resolve); } catch (e) { resolve(e.message); } });
  const response = new Response(JSON.stringify({ a: 1 }), { status: 201, headers: { 'X-Id': '7' } });
  return { byFetch, byHttps, ok: response.ok, id: response.headers.get('x-id'), body: await response.json() };
};
