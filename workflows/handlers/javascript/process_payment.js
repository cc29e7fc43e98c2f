// Takes an order's money. Simulated: chance decides whether the bank agrees. DECLINE_RATE is the probability that it
// refuses, 0.2 when it is not set.
'use strict';

const { randomBytes } = require('crypto');

class PaymentDeclined extends Error {
  name = 'PaymentDeclined';
}

class InvalidEvent extends Error {
  name = 'InvalidEvent';
}

class InvalidEnvironment extends Error {
  name = 'InvalidEnvironment';
}

function probability(name, otherwise) {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidEnvironment(`${name} must be a number from 0 to 1, not "${text}"`);
}

exports.handler = async ({ orderId, amount }) => {
  if (typeof amount !== 'number') throw new InvalidEvent('an order to be paid has an amount, a number');
  if (Math.random() < probability('DECLINE_RATE', 0.2)) {
    throw new PaymentDeclined(`do not honour: order ${orderId ?? 'without an id'}, amount ${amount}`);
  }
  return { transactionId: `TXN-${randomBytes(16).toString('hex')}`, status: 'approved', amount };
};
