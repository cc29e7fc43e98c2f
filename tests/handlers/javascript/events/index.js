const { EventEmitter, once, on } = require('node:events');
const util = require('node:util');
class Orders extends EventEmitter { place(id) { this.emit('placed', id, this); } }
exports.handler = async () => {
  const seen = [];
  const orders = new Orders();
  orders.on('placed', (id) => seen.push(`on ${id}`));
  orders.once('placed', (id) => seen.push(`once ${id}`));
  orders.prependListener('placed', (id) => seen.push(`first ${id}`));
  orders.place(1);
  orders.place(2);
  setTimeout(() => orders.emit('late', 'x'), 10);
  const [late] = await once(orders, 'late');
  const error = (() => { try { orders.emit('error', new Error('unheard')); } catch (e) { return e.message; } })();
  const sleep = util.promisify(setTimeout);
  await sleep(5);
  const old = util.promisify((a, b, done) => done(null, a + b));
  const failing = util.promisify((done) => done(new Error('old style')));
  const target = new EventTarget();
  target.addEventListener('ping', (e) => seen.push(e.type), { once: true });
  target.dispatchEvent(new Event('ping'));
  target.dispatchEvent(new Event('ping'));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 1);
  const aborted = await require('timers/promises').setTimeout(1000, 'x', { signal: controller.signal }).catch((e) => e.name);
  return { seen, late, error, sum: await old(1, 2), failed: await failing().catch((e) => e.message), count: orders.listenerCount('placed'), aborted,
    format: util.format('%s:%d', 'a', 1), inspect: util.inspect({ a: [1, { b: 2 }] }), same: util.isDeepStrictEqual({ a: [1] }, { a: [1] }), types: util.types.isPromise(sleep(1)) };
};
