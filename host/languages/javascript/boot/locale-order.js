// Intl.Collator: the root order of Unicode's collation for the characters listed here. Letters count first, then their
// marks, then their case. Where any other character would decide, comparing throws.
'use strict';

const { accepted, asOptions, callable, choice, only, refuse } = require('./locales.js');

const ORDER = '\t\n\v\f\r _-‐‒–—―,;:!¡?¿.·\'"«»()[]{}§¶@*/\\&#%‰†‡•`^°©®←→↑↓+±÷×<=>¬|¦~¤¢$£¥₩₪₫€₹₽₿0123456789'
  + 'abcdefghiıjklmnŋopqĸrstŧuvwxyzþαβγδεζηθικλμνξοπρστυφχψωабвгдђеєжзѕиійјклљмнњопрстћуфхцчџшщъыьэюя';
// Marks from the weakest on; the last two stand for what tells a letter of its own from the one that it is sorted with.
const MARKS = '\u0301\u0300\u0306\u0302\u030c\u030a\u0308\u030b\u0303\u0307\u0338\u0327\u0328\u0304\u0335\u0309\u030f\u0311\u031b\u0323'
  + '\u0324\u0325\u0326\u032d\u032e\u0330\u0331\ue000\ue001';
const AS = {
  ß: 's\ue000s', æ: 'a\ue000e', œ: 'o\ue000e', ð: 'd\ue000', đ: 'd\u0335', ħ: 'h\u0335', ł: 'l\u0335', ø: 'o\u0338', ґ: 'г\ue000',
  '‘': "'\ue000", '’': "'\ue001", '“': '"\ue000', '”': '"\ue001',
};
// What differs from another character least of all.
const VARIANTS = { '\u00a0': ' ', ς: 'σ' };
const IGNORED = /[\0-\x08\x0e-\x1f\x7f\u00ad\u200b\ufeff]/g;
// Korean's letters and the commonest of the Chinese ones stand in the order of their numbers.
const NUMBERED = /[\u1100-\u1112\u1161-\u1175\u11a8-\u11c2\u4e00-\u9fa5]/;

const weights = new Map([...ORDER].map((character, index) => [character, index + 1]));
const marks = new Map([...MARKS].map((mark, index) => [mark, index + 1]));
const ZERO = weights.get('0');

// Weights of one level after the other. What is not known is its own character in place of a weight.
class Key {
  primary = [];
  secondary = [];
  tertiary = [];
  get case() { return this.tertiary.map((variant) => variant % 2); }
  constructor(text, isNumeric) {
    if (/[^\t-\r -~]/.test(text)) text = text.replace(IGNORED, '').normalize('NFD').replace(/и\u0306/g, 'й').replace(/И\u0306/g, 'Й');
    if (isNumeric) this.#addParts(text);
    else for (const character of text) this.#add(character);
  }
  #addParts(text) {
    for (const part of text.match(/\d+|\D/gu) ?? []) {
      if (part >= '0' && part <= '9\uffff') this.#addNumber(part.replace(/^0+(?=.)/, ''));
      else this.#add(part);
    }
  }
  // More digits are more.
  #addNumber(digits) {
    this.#push(ZERO, 0);
    this.#push(digits.length, 0);
    for (const digit of digits) this.#push(ZERO + Number(digit), 0);
  }
  #push(weight, variant) {
    this.primary.push(weight);
    this.secondary.push(0);
    this.tertiary.push(variant);
  }
  #add(character) {
    const mark = marks.get(character);
    if (mark !== undefined) return void this.secondary.push(mark);
    const lower = character.toLowerCase();
    const variant = lower === character ? 0 : 1;
    const weight = weights.get(lower);
    if (weight !== undefined) return this.#push(weight, variant);
    if (Object.hasOwn(VARIANTS, lower)) return this.#push(weights.get(VARIANTS[lower]), 2);
    if (!Object.hasOwn(AS, lower)) return this.#push(NUMBERED.test(character) ? 0x10000 + character.codePointAt(0) : character, 0);
    for (const part of AS[lower]) {
      if (marks.has(part)) this.secondary.push(marks.get(part));
      else this.#push(weights.get(part), variant);
    }
  }
}

function unordered(weight) {
  if (typeof weight !== 'string') return;
  const code = weight.codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
  throw refuse(`the place of U+${code} in the order`, 'compare with < and >');
}

function compared(a, b) {
  const length = Math.min(a.length, b.length);
  let index = 0;
  while (index < length && a[index] === b[index]) index++;
  unordered(a[index]);
  unordered(b[index]);
  if (index < length) return a[index] < b[index] ? -1 : 1;
  return Math.sign(a.length - b.length);
}

const LEVELS = {
  base: ['primary'], accent: ['primary', 'secondary'], case: ['primary', 'case'], variant: ['primary', 'secondary', 'tertiary'],
};

class Order {
  #settings;
  #compare;
  constructor(locales, options) {
    const locale = accepted(locales);
    options = asOptions(options);
    const usage = choice(options, 'usage', ['sort', 'search']) ?? 'sort';
    only(options, 'ignorePunctuation', false);
    only(options, 'collation', 'default');
    const numeric = Boolean(options.numeric);
    const caseFirst = choice(options, 'caseFirst', ['false', 'lower'], ['upper']) ?? 'false';
    const sensitivity = choice(options, 'sensitivity', Object.keys(LEVELS)) ?? 'variant';
    this.#settings = { locale, usage, sensitivity, ignorePunctuation: false, collation: 'default', numeric, caseFirst };
  }
  get compare() {
    return (this.#compare ??= (a, b) => this.#compared(String(a), String(b)));
  }
  resolvedOptions() { return { ...this.#settings }; }
  #compared(a, b) {
    if (a === b) return 0;
    const { numeric, sensitivity } = this.#settings;
    const keys = [new Key(a, numeric), new Key(b, numeric)];
    for (const level of LEVELS[sensitivity]) {
      const found = compared(keys[0][level], keys[1][level]);
      if (found !== 0) return found;
    }
    return 0;
  }
}

module.exports = { Collator: callable(Order, 'Collator') };
