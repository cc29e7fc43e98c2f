// `assert`.
'use strict';

const { inspect } = require('./util.js');
const { isDeepEqual, isDeepStrictEqual } = require('./equal.js');

class AssertionError extends Error {
  constructor({ message, actual, expected, operator, stackStartFn }) {
    super(message === undefined ? `${inspect(actual)} ${operator} ${inspect(expected)}` : String(message));
    this.name = 'AssertionError';
    this.code = 'ERR_ASSERTION';
    this.generatedMessage = message === undefined;
    Object.assign(this, { actual, expected, operator });
    if (stackStartFn) Error.captureStackTrace(this, stackStartFn);
    this.stack = String(this.stack).replace(/^[^\n]*/, `AssertionError [ERR_ASSERTION]: ${this.message}`);
  }
}

function fail(details) {
  if (details.message instanceof Error) throw details.message;
  throw new AssertionError(details);
}

function assert(value, message) {
  if (!value) fail({ actual: value, expected: true, operator: '==', stackStartFn: assert, message: message === undefined ? 'The expression evaluated to a falsy value' : message });
}

const SAID = {
  strictEqual: 'Expected values to be strictly equal:',
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  deepEqual: 'Expected values to be loosely deep-equal:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
};

function compare(operator, holds) {
  return function check(actual, expected, message) {
    if (holds(actual, expected)) return;
    const said = SAID[operator] && (operator.startsWith('not')
      ? `${SAID[operator]} ${inspect(expected)}`
      : `${SAID[operator]}\n\n${inspect(actual)} !== ${inspect(expected)}\n`);
    fail({ actual, expected, operator, stackStartFn: check, message: message === undefined ? said : message });
  };
}

function matches(error, expected) {
  if (expected === undefined) return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && error instanceof expected) return true;
    return !Error.isPrototypeOf(expected) && expected !== Error && expected.call({}, error) === true;
  }
  return Object.keys(expected).every((key) => (expected[key] instanceof RegExp && typeof error[key] === 'string'
    ? expected[key].test(error[key])
    : isDeepStrictEqual(error[key], expected[key])));
}

function thrown(error, expected, message, operator) {
  const text = typeof expected === 'string' ? expected : message;
  const wanted = typeof expected === 'string' ? undefined : expected;
  if (error === undefined) {
    const missing = operator === 'rejects' ? 'Missing expected rejection' : 'Missing expected exception';
    fail({ actual: undefined, expected: wanted, operator, message: text === undefined ? `${missing}.` : `${missing}: ${text}` });
  }
  if (!matches(error.value, wanted)) throw error.value;
}

Object.assign(assert, {
  AssertionError,
  ok: assert,
  equal: compare('==', (a, b) => a == b || (a !== a && b !== b)),
  notEqual: compare('!=', (a, b) => a != b && (a === a || b === b)),
  strictEqual: compare('strictEqual', Object.is),
  notStrictEqual: compare('notStrictEqual', (a, b) => !Object.is(a, b)),
  deepEqual: compare('deepEqual', isDeepEqual),
  notDeepEqual: compare('notDeepEqual', (a, b) => !isDeepEqual(a, b)),
  deepStrictEqual: compare('deepStrictEqual', isDeepStrictEqual),
  notDeepStrictEqual: compare('notDeepStrictEqual', (a, b) => !isDeepStrictEqual(a, b)),
  match: compare('match', (text, pattern) => pattern.test(text)),
  doesNotMatch: compare('doesNotMatch', (text, pattern) => !pattern.test(text)),
  fail: (message = 'Failed') => fail({ operator: 'fail', message }),
  ifError(value) {
    if (value !== null && value !== undefined) throw value;
  },
  throws(run, expected, message) {
    let error;
    try {
      run();
    } catch (value) {
      error = { value };
    }
    thrown(error, expected, message, 'throws');
  },
  doesNotThrow: (run) => void run(),
  async rejects(promise, expected, message) {
    let error;
    try {
      await (typeof promise === 'function' ? promise() : promise);
    } catch (value) {
      error = { value };
    }
    thrown(error, expected, message, 'rejects');
  },
  async doesNotReject(promise) {
    await (typeof promise === 'function' ? promise() : promise);
  },
});
assert.strict = Object.assign((...args) => assert(...args), assert, {
  equal: assert.strictEqual, notEqual: assert.notStrictEqual, deepEqual: assert.deepStrictEqual, notDeepEqual: assert.notDeepStrictEqual,
});
assert.strict.strict = assert.strict;

module.exports = assert;
