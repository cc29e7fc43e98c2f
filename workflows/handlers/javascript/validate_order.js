// Checks an order: orderId, customerId and amount must be there, and the amount above 0. All faults are reported at
// once; the workflow decides what follows from `valid`.
'use strict';

class InvalidOrder extends Error {
  name = 'InvalidOrder';
}

function checkText(order, field) {
  const value = order[field];
  if (value === undefined || value === null) return [`${field} is missing`];
  if (typeof value !== 'string') return [`${field} must be a string`];
  return value.trim() === '' ? [`${field} is empty`] : [];
}

function checkAmount(order, field) {
  const value = order[field];
  if (value === undefined || value === null) return [`${field} is missing`];
  if (typeof value !== 'number') return [`${field} must be a number`];
  return value > 0 ? [] : [`${field} must be above 0, not ${value}`];
}

exports.handler = async (event) => {
  if (event === null || typeof event !== 'object' || Array.isArray(event)) {
    throw new InvalidOrder('an order must be a JSON object');
  }
  const errors = [...checkText(event, 'orderId'), ...checkText(event, 'customerId'), ...checkAmount(event, 'amount')];
  return { valid: errors.length === 0, orderId: event.orderId ?? null, errors };
};
