// Which locales and options are known, and how the unknown is refused.
'use strict';

const { limit } = require('./errors.js');

// A RangeError, as Intl throws for what it cannot do.
function refuse(what, instead) {
  return limit(`${what}: the engine has no locale data for it`, instead, RangeError);
}

const TAG = /^[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-[a-z\d]{5,8}|-\d[a-z\d]{3})*(-[a-wy-z\d](-[a-z\d]{2,8})+)*(-x(-[a-z\d]{1,8})+)?$/i;

function tag(locale) {
  if (typeof locale !== 'string' && (typeof locale !== 'object' || locale === null)) {
    throw new TypeError('Incorrect locale information provided');
  }
  const text = String(locale);
  if (!TAG.test(text)) throw new RangeError(`Incorrect locale information provided: ${text}`);
  const [language, ...rest] = text.toLowerCase().split('-');
  let isExtended = false;
  return [language, ...rest.map((part) => {
    isExtended ||= part.length === 1;
    if (isExtended) return part;
    if (part.length === 2) return part.toUpperCase();
    return /^[a-z]{4}$/.test(part) ? part[0].toUpperCase() + part.slice(1) : part;
  })].join('-');
}

function canonical(locales) {
  if (locales === undefined) return [];
  if (locales === null) throw new TypeError('Cannot convert undefined or null to object');
  const list = typeof locales === 'string' ? [locales] : Array.from(locales);
  return [...new Set(list.map(tag))];
}

const KNOWN = new Set(['en', 'en-US']);

// The locale to use of those asked for: the first, which must be known.
function accepted(locales) {
  if (locales === undefined) return 'en-US';
  const [first = 'en-US'] = canonical(locales);
  if (!KNOWN.has(first)) {
    throw refuse(`the locale ${first}`, "use 'en-US', or a package that brings its own data");
  }
  return first;
}

function supportedLocalesOf(locales) {
  return canonical(locales).filter((locale) => KNOWN.has(locale));
}

// An option as text, one of `values` or undefined; a value of Intl's that is in `others` is refused.
function choice(options, name, values, others = []) {
  if (options[name] === undefined) return undefined;
  const value = String(options[name]);
  if (values.includes(value)) return value;
  if (others.includes(value)) throw refuse(`${name}: '${value}'`, `use ${values.map((each) => `'${each}'`).join(', ')} or leave it out`);
  throw new RangeError(`Value ${value} out of range for Intl options property ${name}`);
}

// An option that may only have the value that it has when it is left out.
function only(options, name, value) {
  if (options[name] !== undefined && String(options[name]) !== String(value)) {
    throw refuse(`${name}: '${options[name]}'`, `use '${value}' or leave it out`);
  }
}

function integer(options, name, least, most) {
  if (options[name] === undefined) return undefined;
  const value = Number(options[name]);
  if (!(value >= least && value <= most)) throw new RangeError(`${name} value is out of range.`);
  return Math.floor(value);
}

function asOptions(options) {
  if (options === null) throw new TypeError('Cannot convert undefined or null to object');
  return options === undefined ? {} : Object(options);
}

// A constructor that works without `new`, too, as those of Intl's first edition do.
function callable(Class, name) {
  const made = function (locales = undefined, options = undefined) { return new Class(locales, options); };
  Object.defineProperty(made, 'name', { value: name });
  made.prototype = Class.prototype;
  Object.defineProperty(Class.prototype, 'constructor', { value: made, writable: true, configurable: true, enumerable: false });
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: `Intl.${name}`, configurable: true });
  Object.defineProperty(made, 'prototype', { writable: false, enumerable: false });
  Object.defineProperty(made, 'supportedLocalesOf', { value: supportedLocalesOf, writable: true, configurable: true, enumerable: false });
  return made;
}

module.exports = { accepted, asOptions, callable, canonical, choice, integer, only, refuse };
