// Errors as Lambda's runtime for Node.js names, reports and logs them.
'use strict';

class RuntimeError extends Error {
  constructor(name, reason) {
    super(reason instanceof Error ? String(reason) : reason);
    Object.defineProperty(this, 'name', { value: name, writable: true, configurable: true, enumerable: false });
    const frames = reason instanceof Error && typeof reason.stack === 'string' ? framesOf(reason.stack) : [];
    Object.defineProperty(this, 'stack', {
      value: [`${name}: ${this.message}`, ...frames].join('\n'), writable: true, configurable: true, enumerable: false,
    });
  }
}

function framesOf(stack) {
  return stack.split('\n').filter((line) => line.startsWith('    at '));
}

const named = (name) => class extends RuntimeError {
  constructor(reason) { super(name, reason); }
};

class UnhandledPromiseRejection extends RuntimeError {
  constructor(reason, promise) {
    super('Runtime.UnhandledPromiseRejection', reason instanceof Error ? reason : String(reason));
    this.reason = reason;
    this.promise = promise;
  }
}

const EXIT = 'The Lambda runtime client detected an unexpected Node.js exit. This is most commonly caused by a Promise that was '
  + 'never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes';

class NodeJsExit extends RuntimeError {
  constructor() { super('Runtime.NodeJsExit', EXIT); }
}

const isError = (value) => value instanceof Error || (typeof Error.isError === 'function' && Error.isError(value));

function intoError(value) {
  return isError(value) ? value : new Error(String(value));
}

const HANDLED = {
  errorType: 'handled',
  errorMessage: 'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
  trace: [],
};

// What is sent to the Runtime API.
function payload(value) {
  try {
    if (!isError(value)) return { errorType: typeof value, errorMessage: String(value), trace: [] };
    const { name, message, stack } = value;
    return {
      errorType: String(name).replaceAll('\x7f', '%7F'),
      errorMessage: String(message).replaceAll('\x7f', '%7F'),
      // An error thrown where no stack was left has no trace of it.
      trace: (typeof stack === 'string' ? stack : `${name}: ${message}`).replaceAll('\x7f', '%7F').split('\n'),
    };
  } catch {
    return HANDLED;
  }
}

// What is logged beside: name, message, the error's own properties, stack.
function withProperties(key, value) {
  if (!isError(value)) return value;
  const { name, message, code, stack } = value;
  const shown = { errorType: name, errorMessage: message, code, ...value };
  if (typeof stack === 'string') shown.stack = stack.split('\n');
  return shown;
}

function forLog(error) {
  try {
    return '\t' + JSON.stringify(error, withProperties);
  } catch {
    return '\t' + JSON.stringify(payload(error));
  }
}

module.exports = {
  ImportModuleError: named('Runtime.ImportModuleError'),
  UserCodeSyntaxError: named('Runtime.UserCodeSyntaxError'),
  HandlerNotFound: named('Runtime.HandlerNotFound'),
  MalformedHandlerName: named('Runtime.MalformedHandlerName'),
  UnhandledPromiseRejection, NodeJsExit, intoError, payload, forLog,
};
