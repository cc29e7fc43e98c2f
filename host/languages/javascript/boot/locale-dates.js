// Intl.DateTimeFormat, for the Gregorian calendar and UTC.
'use strict';

const { accepted, asOptions, callable, choice, integer, only, refuse } = require('./locales.js');

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const ZONES = { short: 'UTC', long: 'Coordinated Universal Time' };
const DATE = ['weekday', 'year', 'month', 'day'];
const TIME = ['hour', 'minute', 'second', 'fractionalSecondDigits'];
const DATE_STYLES = {
  full: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }, long: { year: 'numeric', month: 'long', day: 'numeric' },
  medium: { year: 'numeric', month: 'short', day: 'numeric' }, short: { year: '2-digit', month: 'numeric', day: 'numeric' },
};
const TIME_STYLES = {
  full: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'long' },
  long: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
  medium: { hour: 'numeric', minute: '2-digit', second: '2-digit' }, short: { hour: 'numeric', minute: '2-digit' },
};
// Before AM and PM, in parts alone: whole texts have a plain space there.
const NARROW = '\u202f';
const NUMERIC = ['numeric', '2-digit'];
const OFFSETS = ['shortOffset', 'longOffset', 'shortGeneric', 'longGeneric'];

function fieldsOf(options) {
  for (const name of ['era', 'dayPeriod']) {
    if (options[name] !== undefined) throw refuse(`Intl.DateTimeFormat with ${name}`, 'leave it out');
  }
  const fields = {
    weekday: choice(options, 'weekday', ['long', 'short'], ['narrow']), year: choice(options, 'year', NUMERIC),
    month: choice(options, 'month', [...NUMERIC, 'long', 'short'], ['narrow']), day: choice(options, 'day', NUMERIC),
    hour: choice(options, 'hour', NUMERIC), minute: choice(options, 'minute', NUMERIC), second: choice(options, 'second', NUMERIC),
    fractionalSecondDigits: integer(options, 'fractionalSecondDigits', 1, 3),
    timeZoneName: choice(options, 'timeZoneName', ['short', 'long'], OFFSETS),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function withStyles(fields, styles, required) {
  const given = Object.keys(fields)[0];
  const [name] = Object.keys(styles);
  if (given !== undefined) throw new TypeError(`Can't set option ${given} when ${name} is used`);
  if (required === 'date' && styles.timeStyle) throw new TypeError('Invalid option : timeStyle');
  if (required === 'time' && styles.dateStyle) throw new TypeError('Invalid option : dateStyle');
  return { ...DATE_STYLES[styles.dateStyle], ...TIME_STYLES[styles.timeStyle] };
}

function withDefaults(fields, required, defaults) {
  const has = (names) => names.some((name) => fields[name] !== undefined);
  if ((required !== 'time' && has(DATE)) || (required !== 'date' && has(TIME))) return fields;
  const date = defaults === 'time' ? {} : { year: 'numeric', month: 'numeric', day: 'numeric' };
  const time = defaults === 'date' ? {} : { hour: 'numeric', minute: '2-digit', second: '2-digit' };
  return { ...fields, ...date, ...time };
}

function cycleOf(options) {
  const cycle = choice(options, 'hourCycle', ['h11', 'h12', 'h23', 'h24']) ?? 'h12';
  if (options.hour12 === undefined) return cycle;
  return options.hour12 ? 'h12' : 'h24';
}

function zoneOf(options) {
  const zone = options.timeZone === undefined ? 'UTC' : String(options.timeZone);
  if (!/^(etc\/)?(utc|gmt)$/i.test(zone)) throw refuse(`the time zone ${zone}`, "use 'UTC' and add the offset in the handler");
}

// A pattern is a list of parts: a field's name, or { literal }.
const literal = (value) => ({ literal: value });

function joined(names, by) {
  return names.flatMap((name, index) => (index ? [literal(by), name] : [name]));
}

function unknown(fields) {
  return refuse(`a date of ${Object.keys(fields).join(', ')} alone`, 'format the fields one by one');
}

function datePattern(fields) {
  const has = (name) => fields[name] !== undefined;
  const names = ['month', 'day', 'year'].filter(has);
  if (names.length === 0) return has('weekday') ? ['weekday'] : [];
  if (!has('month') && names.length > 1) throw unknown(fields);
  if (has('weekday') && !(has('month') && has('day'))) throw unknown(fields);
  const week = has('weekday') ? ['weekday', literal(', ')] : [];
  if (NUMERIC.includes(fields.month) || names.length === 1) return [...week, ...joined(names, '/')];
  if (!has('day')) return joined(names, ' ');
  return [...week, 'month', literal(' '), 'day', ...(has('year') ? [literal(', '), 'year'] : [])];
}

function timePattern(fields, cycle) {
  const names = ['hour', 'minute', 'second'].filter((name) => fields[name] !== undefined);
  const isHalved = cycle === 'h11' || cycle === 'h12';
  if (names.join() === 'hour,second') throw unknown(fields);
  if (names.join() === 'hour' && !isHalved && fields.timeZoneName !== undefined) throw unknown(fields);
  const parts = joined(names, ':');
  if (fields.fractionalSecondDigits !== undefined) {
    if (fields.second === undefined) throw unknown(fields);
    parts.push(literal('.'), 'fractionalSecond');
  }
  if (fields.hour !== undefined && isHalved) parts.push(literal(NARROW), 'dayPeriod');
  if (fields.timeZoneName !== undefined) parts.push(...(parts.length ? [literal(' ')] : []), 'timeZoneName');
  return parts;
}

function patternOf(fields, cycle) {
  const date = datePattern(fields);
  const time = timePattern(fields, cycle);
  if (date.length === 0 || time.length === 0) return [...date, ...time];
  if (date.length > 1 || date[0] !== 'weekday') return [...date, literal(fields.month === 'long' ? ' at ' : ', '), ...time];
  if (fields.hour === undefined && TIME.some((name) => fields[name] !== undefined)) throw unknown(fields);
  const isPlain = fields.hour !== undefined && fields.timeZoneName === undefined && fields.fractionalSecondDigits === undefined;
  const isKnown = isPlain && (fields.minute !== undefined || time.includes('dayPeriod'));
  return [...date, literal(isKnown ? ' ' : ', '), ...time];
}

function hourOf(date, { hour, minute }, cycle) {
  const value = date.getUTCHours();
  if (cycle === 'h23' || cycle === 'h24') return String(value || (cycle === 'h24' ? 24 : 0)).padStart(2, '0');
  const shown = value % 12 || (cycle === 'h12' ? 12 : 0);
  return hour === '2-digit' ? String(shown).padStart(2, '0') : String(shown);
}

function yearOf(date, form) {
  const year = date.getUTCFullYear();
  const shown = String(year > 0 ? year : 1 - year);
  return form === '2-digit' ? shown.slice(-2).padStart(2, '0') : shown;
}

function numericOf(value, form) {
  return form === '2-digit' ? String(value).padStart(2, '0') : String(value);
}

function monthOf(date, form) {
  const month = date.getUTCMonth();
  if (NUMERIC.includes(form)) return numericOf(month + 1, form);
  return form === 'long' ? MONTHS[month] : MONTHS[month].slice(0, 3);
}

// Minutes and seconds have two digits beside another field of the time, and one alone.
function sixtiethOf(value, isAlone) {
  return isAlone ? String(value) : String(value).padStart(2, '0');
}

function valueOf(name, date, fields, cycle) {
  switch (name) {
    case 'weekday': return fields.weekday === 'long' ? WEEKDAYS[date.getUTCDay()] : WEEKDAYS[date.getUTCDay()].slice(0, 3);
    case 'year': return yearOf(date, fields.year);
    case 'month': return monthOf(date, fields.month);
    case 'day': return numericOf(date.getUTCDate(), fields.day);
    case 'hour': return hourOf(date, fields, cycle);
    case 'minute': return sixtiethOf(date.getUTCMinutes(), fields.hour === undefined && fields.second === undefined);
    case 'second': return sixtiethOf(date.getUTCSeconds(), fields.minute === undefined);
    case 'fractionalSecond': return String(date.getUTCMilliseconds()).padStart(3, '0').slice(0, fields.fractionalSecondDigits);
    case 'dayPeriod': return date.getUTCHours() < 12 ? 'AM' : 'PM';
    default: return ZONES[fields.timeZoneName];
  }
}

class Dates {
  #fields;
  #cycle;
  #pattern;
  #settings;
  #format;
  constructor(locales, options, required = 'any', defaults = 'date') {
    const locale = accepted(locales);
    options = asOptions(options);
    only(options, 'calendar', 'gregory');
    only(options, 'numberingSystem', 'latn');
    zoneOf(options);
    const names = ['full', 'long', 'medium', 'short'];
    const styles = { dateStyle: choice(options, 'dateStyle', names), timeStyle: choice(options, 'timeStyle', names) };
    for (const name of Object.keys(styles)) if (styles[name] === undefined) delete styles[name];
    const isStyled = Object.keys(styles).length > 0;
    const given = fieldsOf(options);
    this.#fields = isStyled ? withStyles(given, styles, required) : withDefaults(given, required, defaults);
    this.#cycle = cycleOf(options);
    this.#pattern = patternOf(this.#fields, this.#cycle);
    const hours = this.#fields.hour === undefined ? {} : { hourCycle: this.#cycle, hour12: this.#cycle === 'h11' || this.#cycle === 'h12' };
    this.#settings = { locale, calendar: 'gregory', numberingSystem: 'latn', timeZone: 'UTC', ...hours, ...(isStyled ? styles : this.#fields) };
  }
  get format() { return (this.#format ??= (value) => this.formatToParts(value).map((part) => part.value).join('').replace(NARROW, ' ')); }
  formatToParts(value) {
    const date = new Date(value === undefined ? Date.now() : Number(value));
    if (Number.isNaN(date.getTime())) throw new RangeError('Invalid time value');
    return this.#pattern.map((part) => (typeof part === 'string'
      ? { type: part, value: valueOf(part, date, this.#fields, this.#cycle) } : { type: 'literal', value: part.literal }));
  }
  formatRange() { throw refuse('Intl.DateTimeFormat.formatRange', 'format both ends'); }
  formatRangeToParts() { throw refuse('Intl.DateTimeFormat.formatRangeToParts', 'format both ends'); }
  resolvedOptions() { return { ...this.#settings }; }
}

// What the methods of Date give, which have defaults of their own.
function format(time, locales, options, required, defaults) {
  return Number.isNaN(time) ? 'Invalid Date' : new Dates(locales, options, required, defaults).format(time);
}

module.exports = { DateTimeFormat: callable(Dates, 'DateTimeFormat'), format };
