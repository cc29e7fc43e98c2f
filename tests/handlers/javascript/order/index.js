// The order in which Node runs ticks, microtasks, timers and immediates.
exports.handler = async () => {
  const seen = [];
  const say = (what) => () => seen.push(what);
  setTimeout(say('timeout 10'), 10);
  setTimeout(say('timeout 0'), 0);
  setImmediate(say('immediate'));
  process.nextTick(say('tick'));
  Promise.resolve().then(say('promise')).then(() => process.nextTick(say('tick of a promise')));
  queueMicrotask(say('microtask'));
  (async () => { seen.push('async, at once'); await null; seen.push('async, after await'); })();
  seen.push('sync');
  const interval = setInterval(() => { seen.push('interval'); if (seen.filter((s) => s === 'interval').length === 3) clearInterval(interval); }, 20);
  const never = setTimeout(say('never'), 5);
  clearTimeout(never);
  setTimeout(() => {}, 1e6).unref();
  await new Promise((resolve) => setTimeout(resolve, 100));
  return seen;
};
