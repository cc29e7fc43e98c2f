// Says whether an order's goods are in stock. Simulated: chance decides. AVAILABILITY is the probability that they
// are, 0.9 when it is not set.
'use strict';

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

exports.handler = async (event) => {
  const availability = probability('AVAILABILITY', 0.9);
  return { inventoryAvailable: Math.random() < availability, orderId: event.orderId ?? null };
};
