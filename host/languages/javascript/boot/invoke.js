// Lambda's manners: finds the handler, calls it, and reports its result or its error as Lambda's runtime does. Exports
// the hooks that the host calls.
'use strict';

const consoles = require('./console.js');
const esm = require('./esm.js');
const failures = require('./failures.js');
const handlers = require('./handlers.js');
const loop = require('./loop.js');
const process = require('./process.js');
const wasi = require('./wasi.js');

const run = {
  context: undefined, callback: undefined, isAsync: false, waits: true, outcome: undefined, rejections: [], isInvoked: false,
};

function begin(contextText) {
  performance._start = wasi.clock(1);
  performance.timeOrigin = Number(wasi.clock(0) / 1000000n);
  process._begin();
  consoles.begin();
  run.given = JSON.parse(contextText);
}

// Called by the host, once.
function start(eventText, contextText) {
  begin(contextText);
  loop.onFailure(uncaught);
  Promise.resolve().then(() => handlers.find(process.env._HANDLER || '', process.env.LAMBDA_TASK_ROOT || '/var/task'))
    .then((handler) => invoke(handler, eventText))
    .catch((error) => stop(error, 'Uncaught Exception'));
  return 0;
}

function invoke(handler, eventText) {
  const event = JSON.parse(eventText);
  consoles.settings.requestId = run.given.awsRequestId;
  run.isInvoked = true;
  let result;
  try {
    result = handler(event, contextOf(run.given), callback);
  } catch (error) {
    fail(error);
    return;
  }
  if (result !== null && typeof result === 'object' && typeof result.then === 'function') {
    run.isAsync = true;
    Promise.resolve(result).then(succeed, fail).catch(fail);
  }
}

function contextOf(given) {
  const { deadlineMs, memoryLimitInMB, ...rest } = given;
  return {
    ...rest,
    memoryLimitInMB: String(memoryLimitInMB),
    get callbackWaitsForEmptyEventLoop() { return run.waits; },
    set callbackWaitsForEmptyEventLoop(waits) { run.waits = waits; },
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    done(error, value) {
      run.waits = false;
      callback(error, value);
    },
    succeed,
    fail(error) { fail(error === undefined || error === null ? 'handled' : error); },
  };
}

function succeed(value) {
  run.waits = false;
  callback(null, value);
}

function fail(error) {
  run.waits = false;
  settle(() => report(error, 'Invoke Error'));
}

function callback(error, value) {
  if (error !== undefined && error !== null) {
    settle(() => report(error, 'Invoke Error'));
    return;
  }
  const text = serialized(value);
  settle(() => native.finish(0, text));
}

function serialized(value) {
  try {
    const text = JSON.stringify(value === undefined ? null : value);
    return text === undefined ? 'null' : text;
  } catch {
    throw new Error('Unable to stringify response body');
  }
}

// The first outcome counts.
function settle(outcome) {
  if (run.outcome === undefined) run.outcome = outcome;
}

function report(error, what) {
  const known = failures.intoError(error);
  consoles.log('ERROR', what, failures.forLog(known));
  native.finish(1, JSON.stringify(failures.payload(error)));
}

function stop(error, what) {
  report(error, what);
}

function uncaught(error) {
  if (process.listenerCount('uncaughtException') > 0) {
    process.emit('uncaughtException', error, 'uncaughtException');
    return 0;
  }
  stop(error, 'Uncaught Exception');
  return 0;
}

// Called by the engine for each promise that is rejected without a handler, and again if one comes.
function rejection(promise, reason, isHandled) {
  if (isHandled) run.rejections = run.rejections.filter((other) => other.promise !== promise);
  else run.rejections.push({ promise, reason });
  return 0;
}

function checkRejections() {
  const unhandled = run.rejections;
  run.rejections = [];
  for (const { promise, reason } of unhandled) {
    if (process.listenerCount('unhandledRejection') > 0) process.emit('unhandledRejection', reason, promise);
    else stop(new failures.UnhandledPromiseRejection(reason, promise), 'Unhandled Promise Rejection');
  }
}

// Between microtasks and timers: is the run over?
function settled() {
  if (run.rejections.length > 0) {
    checkRejections();
    return true;
  }
  if (run.outcome !== undefined && !run.waits) run.outcome();
  return false;
}

function idle() {
  if (run.outcome !== undefined) run.outcome();
  if (process.emit('beforeExit', process.exitCode || 0) && !run.hasAsked) {
    run.hasAsked = true;
    return;
  }
  if (run.isAsync || !run.isInvoked) stop(new failures.NodeJsExit(), 'Invoke Error');
  native.finish(0, 'null');
}

process.exit = function exit(code) {
  const status = Number(code === undefined ? process.exitCode || 0 : code) & 255;
  process.emit('exit', status);
  const how = status === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${status}`;
  native.finish(1, JSON.stringify({ errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${run.given.awsRequestId} Error: ${how}` }));
};
process.reallyExit = process.exit;

module.exports = {
  start,
  turn: () => loop.turn(settled, idle),
  uncaught,
  rejection,
  normalize: (from, name) => esm.normalize(from, name),
  load: (name) => esm.load(name),
};
