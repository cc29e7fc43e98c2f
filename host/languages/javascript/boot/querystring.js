// `querystring`.
'use strict';

function escape(text) {
  return encodeURIComponent(String(text).toWellFormed());
}

function unescape(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return globalThis.unescape(text);
  }
}

function primitive(value) {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : '';
}

function stringify(object, separator = '&', equals = '=', { encodeURIComponent: encode = escape } = {}) {
  if (object === null || typeof object !== 'object') return '';
  return Object.entries(object).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : [value];
    return values.map((item) => encode(name) + equals + encode(primitive(item)));
  }).join(separator || '&');
}

function parse(text, separator = '&', equals = '=', { decodeURIComponent: decode = unescape, maxKeys = 1000 } = {}) {
  const parsed = Object.create(null);
  if (typeof text !== 'string' || text === '') return parsed;
  const parts = text.split(separator || '&');
  for (const part of maxKeys > 0 ? parts.slice(0, maxKeys) : parts) {
    if (part === '') continue;
    const at = part.indexOf(equals || '=');
    const clean = (piece) => decode(piece.replace(/\+/g, ' '));
    const name = clean(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? '' : clean(part.slice(at + equals.length));
    if (!(name in parsed)) parsed[name] = value;
    else if (Array.isArray(parsed[name])) parsed[name].push(value);
    else parsed[name] = [parsed[name], value];
  }
  return parsed;
}

module.exports = { stringify, parse, escape, unescape, encode: stringify, decode: parse };
