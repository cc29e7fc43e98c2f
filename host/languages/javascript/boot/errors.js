// Errors as V8 shows them: `stack` begins with name and message, frames read `    at fn (file:line:column)`, and the
// commonest of the engine's messages are V8's.
'use strict';

// Characters that a wrapper puts before a file's first line, by file.
const shifts = new Map();

// Constructors of one error that call each other, at most.
const DEEPEST_CLASS = 4;

const MESSAGES = [
  [/^cannot read property '([^]*)' of (null|undefined)$/, "Cannot read properties of $2 (reading '$1')"],
  [/^cannot set property '([^]*)' of (null|undefined)$/, "Cannot set properties of $2 (setting '$1')"],
  [/^'?([\w$]+)'? is not defined$/, '$1 is not defined'],
  [/^not a function$/, 'value is not a function'],
];

function reword(error) {
  const { message } = error;
  if (typeof message !== 'string') return;
  const found = MESSAGES.find(([pattern]) => pattern.test(message));
  if (found === undefined) return;
  Object.defineProperty(error, 'message', {
    value: message.replace(found[0], found[1]),
    configurable: true,
    writable: true,
  });
}

// The library's own frames are of no use to a handler's author; while it loads, they are all there is.
const shown = { library: true };

function isInternal(file) {
  return !shown.library && file.startsWith('/node/');
}

function frame(site) {
  let file = site.getFileName();
  if (file === null || file === undefined || file === '<input>' || isInternal(file)) return undefined;
  if (file.startsWith('file://')) file = file.slice(7);
  const line = site.getLineNumber();
  let column = site.getColumnNumber();
  if (line === 1) column = Math.max(1, column - (shifts.get(file) || 0));
  const place = `${file}:${line}:${column}`;
  const name = site.getFunctionName();
  return name && name !== '<eval>' && name !== '<anonymous>' ? `    at ${name} (${place})` : `    at ${place}`;
}

function header(error) {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

// V8 leaves out the constructors of an error's own class and of those above it.
function outsideOfConstructors(error, sites) {
  const name = error.constructor && error.constructor.name;
  if (!(error instanceof Error) || !name || Object.hasOwn(globalThis, name)) return sites;
  const own = sites.findIndex((site) => site.getFunctionName() === name);
  return own >= 0 && own < DEEPEST_CLASS ? sites.slice(own + 1) : sites;
}

Error.prepareStackTrace = function (error, sites) {
  if (error instanceof TypeError || error instanceof ReferenceError) reword(error);
  const frames = outsideOfConstructors(error, sites).map(frame).filter((line) => line !== undefined);
  return [header(error), ...frames].join('\n');
};
Object.defineProperty(Error, 'prepareStackTrace', { enumerable: false });

// An error of Node's own, with its code.
function coded(Class, code, message) {
  const error = new Class(message);
  Object.defineProperty(error, 'name', { value: Class.name, configurable: true, writable: true });
  error.code = code;
  return error;
}

// What cannot work here says so, and what to do instead.
function limit(what, instead, Class = Error) {
  const error = new Class(`wf-host: ${what}; ${instead}`);
  error.code = 'ERR_WF_HOST_LIMIT';
  return error;
}

module.exports = { shifts, shown, coded, limit };
