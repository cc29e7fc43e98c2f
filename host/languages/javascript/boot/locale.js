// The locale functions of the language and Intl, for English as it is written in the United States and for UTC. The
// engine has no locale data: what these files do not know throws, since its own answer would be wrong in silence.
'use strict';

const { accepted, canonical, refuse } = require('./locales.js');
const { NumberFormat, PluralRules } = require('./locale-numbers.js');
const { DateTimeFormat, format } = require('./locale-dates.js');
const { Collator } = require('./locale-order.js');

function define(target, methods) {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

const numberValue = Number.prototype.valueOf;
const bigintValue = BigInt.prototype.valueOf;
const timeValue = Date.prototype.getTime;

// Made once, since sorting compares often.
const usual = new Collator();

// The engine leaves out the zone's name.
const ZONE = ' (Coordinated Universal Time)';
const { toString, toTimeString } = Date.prototype;
const zoned = (shown) => (shown.endsWith('GMT+0000') ? shown + ZONE : shown);
define(Date.prototype, {
  toString() { return zoned(toString.call(this)); },
  toTimeString() { return zoned(toTimeString.call(this)); },
});

function text(self, name) {
  if (self === undefined || self === null) throw new TypeError(`String.prototype.${name} called on null or undefined`);
  return String(self);
}

define(Number.prototype, {
  toLocaleString(locales = undefined, options = undefined) { return new NumberFormat(locales, options).format(numberValue.call(this)); },
});
define(BigInt.prototype, {
  toLocaleString(locales = undefined, options = undefined) { return new NumberFormat(locales, options).format(bigintValue.call(this)); },
});
define(Date.prototype, {
  toLocaleString(locales = undefined, options = undefined) { return format(timeValue.call(this), locales, options, 'any', 'all'); },
  toLocaleDateString(locales = undefined, options = undefined) { return format(timeValue.call(this), locales, options, 'date', 'date'); },
  toLocaleTimeString(locales = undefined, options = undefined) { return format(timeValue.call(this), locales, options, 'time', 'time'); },
});
define(String.prototype, {
  localeCompare(that, locales = undefined, options = undefined) {
    const collator = locales === undefined && options === undefined ? usual : new Collator(locales, options);
    return collator.compare(text(this, 'localeCompare'), String(that));
  },
  toLocaleUpperCase(locales = undefined) {
    accepted(locales);
    return text(this, 'toLocaleUpperCase').toUpperCase();
  },
  toLocaleLowerCase(locales = undefined) {
    accepted(locales);
    return text(this, 'toLocaleLowerCase').toLowerCase();
  },
});

// Arrays that contain themselves show nothing in the inner place.
const inside = [];
function joined(locales = undefined, options = undefined) {
  if (inside.includes(this)) return '';
  inside.push(this);
  try {
    return Array.prototype.map.call(Array.from({ length: this.length }, (_, index) => this[index]),
      (value) => (value === undefined || value === null ? '' : value.toLocaleString(locales, options))).join(',');
  } finally {
    inside.pop();
  }
}
define(Array.prototype, { toLocaleString(...args) { return joined.apply(this, args); } });
define(Object.getPrototypeOf(Uint8Array.prototype), { toLocaleString(...args) { return joined.apply(this, args); } });

const MISSING = 'format in plain JavaScript, or with a package that brings its own data';
const Intl = {};
define(Intl, { Collator, DateTimeFormat, NumberFormat, PluralRules });
for (const name of ['DisplayNames', 'ListFormat', 'Locale', 'RelativeTimeFormat', 'Segmenter']) {
  define(Intl, { [name]: function refused() { throw refuse(`Intl.${name}`, MISSING); } });
}
define(Intl, {
  getCanonicalLocales: (locales) => canonical(locales),
  supportedValuesOf: (key) => { throw refuse(`Intl.supportedValuesOf('${key}')`, 'list the values in the handler'); },
});
Object.defineProperty(Intl, Symbol.toStringTag, { value: 'Intl', configurable: true });

module.exports = { Intl };
