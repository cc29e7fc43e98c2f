// Intl.NumberFormat and Intl.PluralRules. Numbers are rounded in decimal, from the shortest text that names them.
'use strict';

const { accepted, asOptions, callable, choice, integer, only, refuse } = require('./locales.js');

const SYMBOLS = {
  AUD: 'A$', BRL: 'R$', CAD: 'CA$', CNY: 'CN¥', EUR: '€', GBP: '£', HKD: 'HK$', ILS: '₪', INR: '₹', JPY: '¥', KRW: '₩',
  MXN: 'MX$', NZD: 'NZ$', PHP: '₱', TWD: 'NT$', USD: '$', VND: '₫', XAF: 'FCFA', XCD: 'EC$', XOF: 'F\u202fCFA', XPF: 'CFPF',
};
const WITHOUT_FRACTION = new Set(('AFN ALL BIF CLP DJF GNF IQD IRR ISK JPY KMF KPW KRW LAK LBP MGA MMK PYG RWF SLL SOS SYP UGX VND '
  + 'VUV XAF XOF XPF YER').split(' '));
const OF_THOUSANDTHS = new Set(['BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND']);
// Editions of the locale data differ in the digits of these, and so do versions of Node.js.
const UNSETTLED = new Set(['COP', 'HUF', 'IDR', 'PKR']);

// What is asked of the digits: significant ones, or those of the fraction.
function digitsOf(options, least, most) {
  const integers = integer(options, 'minimumIntegerDigits', 1, 21) ?? 1;
  for (const [name, value] of [['roundingMode', 'halfExpand'], ['roundingIncrement', 1], ['roundingPriority', 'auto'],
    ['trailingZeroDisplay', 'auto']]) only(options, name, value);
  if (options.minimumSignificantDigits !== undefined || options.maximumSignificantDigits !== undefined) {
    const minimum = integer(options, 'minimumSignificantDigits', 1, 21) ?? 1;
    const maximum = integer(options, 'maximumSignificantDigits', minimum, 21) ?? 21;
    return { minimumIntegerDigits: integers, minimumSignificantDigits: minimum, maximumSignificantDigits: maximum };
  }
  let minimum = integer(options, 'minimumFractionDigits', 0, 100);
  let maximum = integer(options, 'maximumFractionDigits', 0, 100);
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    throw new RangeError('maximumFractionDigits value is out of range.');
  }
  minimum ??= Math.min(least, maximum ?? least);
  maximum ??= Math.max(most, minimum);
  return { minimumIntegerDigits: integers, minimumFractionDigits: minimum, maximumFractionDigits: maximum };
}

// A finite number as its digits and where the point stands among them: 0.012 is { digits: '12', point: -1 }.
function decimal(text) {
  const [, whole, fraction = '', exponent = '0'] = /^(\d*)\.?(\d*)?(?:e([+-]?\d+))?$/i.exec(text);
  const all = whole + fraction;
  const digits = all.replace(/^0+/, '');
  const point = whole.length + Number(exponent) - (all.length - digits.length);
  return digits === '' ? { digits: '', point: 0 } : { digits, point };
}

// Half away from zero, to `kept` digits.
function cut({ digits, point }, kept) {
  if (kept >= digits.length) return { digits, point };
  if (kept < 0) return { digits: '', point: 0 };
  const head = digits.slice(0, kept);
  if (digits[kept] < '5') return { digits: head, point };
  const up = String(BigInt(head || '0') + 1n).padStart(kept, '0');
  return { digits: up, point: point + up.length - kept };
}

// The digits before and after the point.
function rounded(value, rule) {
  const isSignificant = rule.maximumSignificantDigits !== undefined;
  const { digits, point } = cut(value, isSignificant ? rule.maximumSignificantDigits : value.point + rule.maximumFractionDigits);
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '';
  const fraction = ('0'.repeat(Math.max(0, -point)) + digits.slice(Math.max(0, point))).replace(/0+$/, '');
  const least = isSignificant ? rule.minimumSignificantDigits - (digits === '' ? 1 : point) : rule.minimumFractionDigits;
  return { whole: whole.padStart(rule.minimumIntegerDigits, '0'), fraction: fraction.padEnd(Math.max(0, least), '0') };
}

// { isNegative, text }: the text of a number without its sign, `NaN` or `∞`.
function numeric(value) {
  if (typeof value === 'object' && value !== null) value = value[Symbol.toPrimitive] ? value[Symbol.toPrimitive]('number') : value.valueOf();
  if (typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(value)) {
    const text = value.trim();
    return { isNegative: text.startsWith('-'), text: text.replace(/^[+-]/, '') };
  }
  if (typeof value !== 'bigint') value = Number(value);
  if (Number.isNaN(value)) return { isNegative: false, text: 'NaN' };
  const isNegative = value < 0 || Object.is(value, -0);
  const text = String(value).replace('-', '');
  return typeof value === 'number' && !Number.isFinite(value) ? { isNegative, text: '∞' } : { isNegative, text: typeof value === 'bigint' ? text : String(Math.abs(value)) };
}

function grouped(whole, grouping) {
  if (grouping === false || (grouping === 'min2' && whole.length < 5)) return [whole];
  return whole.replace(/\B(?=(\d{3})+$)/g, ',').split(',');
}

function groupingOf(value) {
  if (value === undefined) return 'auto';
  if (value === true || value === 'always') return 'always';
  if (!value) return false;
  if (value === 'true' || value === 'false') return 'auto';
  if (value === 'auto' || value === 'min2') return value;
  throw new RangeError(`Value ${value} out of range for Intl.NumberFormat options property useGrouping`);
}

function currencyOf(options) {
  if (options.currency === undefined) throw new TypeError('Currency code is required with currency style.');
  const code = String(options.currency).toUpperCase();
  if (!/^[A-Z]{3}$/.test(code)) throw new RangeError(`Invalid currency code : ${options.currency}`);
  const most = options.maximumFractionDigits;
  const isSettled = most !== undefined && (Number(most) === 0 || options.minimumFractionDigits !== undefined);
  if (UNSETTLED.has(code) && !isSettled && options.maximumSignificantDigits === undefined) {
    throw refuse(`the digits of ${code}`, 'give minimumFractionDigits and maximumFractionDigits');
  }
  return code;
}

const fractionOf = (code) => (WITHOUT_FRACTION.has(code) ? 0 : OF_THOUSANDTHS.has(code) ? 3 : 2);

class Numbers {
  #settings;
  #format;
  constructor(locales, options) {
    const locale = accepted(locales);
    options = asOptions(options);
    only(options, 'numberingSystem', 'latn');
    const style = choice(options, 'style', ['decimal', 'percent', 'currency'], ['unit']) ?? 'decimal';
    choice(options, 'notation', ['standard'], ['scientific', 'engineering', 'compact']);
    const settings = { locale, numberingSystem: 'latn', style };
    if (style === 'currency') {
      settings.currency = currencyOf(options);
      settings.currencyDisplay = choice(options, 'currencyDisplay', ['symbol', 'code'], ['narrowSymbol', 'name']) ?? 'symbol';
      settings.currencySign = choice(options, 'currencySign', ['standard'], ['accounting']) ?? 'standard';
    }
    const usual = style === 'currency' ? fractionOf(settings.currency) : 0;
    Object.assign(settings, digitsOf(options, usual, style === 'decimal' ? 3 : usual), {
      useGrouping: groupingOf(options.useGrouping), notation: 'standard',
      signDisplay: choice(options, 'signDisplay', ['auto', 'never', 'always', 'exceptZero', 'negative']) ?? 'auto',
      roundingIncrement: 1, roundingMode: 'halfExpand', roundingPriority: 'auto', trailingZeroDisplay: 'auto',
    });
    this.#settings = settings;
  }
  get format() { return (this.#format ??= (value) => this.formatToParts(value).map((part) => part.value).join('')); }
  formatToParts(value) {
    const { isNegative, text } = numeric(value);
    const number = this.#number(text);
    const isZero = text !== '∞' && !number.some((part) => /[1-9]/.test(part.value));
    const parts = [...this.#sign(isNegative, isZero || text === 'NaN'), ...this.#currency(number[0].type), ...number];
    if (this.#settings.style === 'percent') parts.push({ type: 'percentSign', value: '%' });
    return parts;
  }
  formatRange() { throw refuse('Intl.NumberFormat.formatRange', 'format both ends'); }
  formatRangeToParts() { throw refuse('Intl.NumberFormat.formatRangeToParts', 'format both ends'); }
  resolvedOptions() { return { ...this.#settings }; }
  #number(text) {
    if (text === 'NaN') return [{ type: 'nan', value: text }];
    if (text === '∞') return [{ type: 'infinity', value: text }];
    const value = decimal(text);
    if (this.#settings.style === 'percent' && value.digits !== '') value.point += 2;
    const { whole, fraction } = rounded(value, this.#settings);
    const parts = grouped(whole, this.#settings.useGrouping)
      .flatMap((group, index) => [...(index ? [{ type: 'group', value: ',' }] : []), { type: 'integer', value: group }]);
    if (fraction !== '') parts.push({ type: 'decimal', value: '.' }, { type: 'fraction', value: fraction });
    return parts;
  }
  #sign(isNegative, isNothing) {
    const { signDisplay } = this.#settings;
    const hides = signDisplay === 'never' || (isNothing && ['exceptZero', 'negative'].includes(signDisplay));
    if (isNegative && !hides) return [{ type: 'minusSign', value: '-' }];
    return !hides && ['always', 'exceptZero'].includes(signDisplay) ? [{ type: 'plusSign', value: '+' }] : [];
  }
  #currency(beside) {
    const { currency, currencyDisplay } = this.#settings;
    if (currency === undefined) return [];
    const value = (currencyDisplay === 'symbol' && SYMBOLS[currency]) || currency;
    const parts = [{ type: 'currency', value }];
    if (/[A-Z]$/.test(value) && beside === 'integer') parts.push({ type: 'literal', value: '\u00a0' });
    return parts;
  }
}

class Plurals {
  #settings;
  constructor(locales, options) {
    const locale = accepted(locales);
    options = asOptions(options);
    const type = choice(options, 'type', ['cardinal', 'ordinal']) ?? 'cardinal';
    const pluralCategories = type === 'cardinal' ? ['one', 'other'] : ['few', 'one', 'two', 'other'];
    this.#settings = { locale, type, ...digitsOf(options, 0, 3), pluralCategories };
  }
  select(value) {
    value = Number(value);
    if (!Number.isFinite(value)) return 'other';
    const { whole, fraction } = rounded(decimal(String(Math.abs(value))), this.#settings);
    if (this.#settings.type === 'cardinal') return /^0*1$/.test(whole) && fraction === '' ? 'one' : 'other';
    const [, tens, ones] = /(\d?)(\d)$/.exec(whole);
    if (/[1-9]/.test(fraction) || tens === '1') return 'other';
    return { 1: 'one', 2: 'two', 3: 'few' }[ones] ?? 'other';
  }
  selectRange() { throw refuse('Intl.PluralRules.selectRange', 'select for the end of the range'); }
  resolvedOptions() { return { ...this.#settings, pluralCategories: [...this.#settings.pluralCategories] }; }
}

class PluralRules extends Plurals {}
Object.defineProperty(PluralRules, 'supportedLocalesOf', { value: callable(Plurals, 'PluralRules').supportedLocalesOf, writable: true, configurable: true });
Object.defineProperty(PluralRules.prototype, 'constructor', { value: PluralRules });

module.exports = { NumberFormat: callable(Numbers, 'NumberFormat'), PluralRules };
