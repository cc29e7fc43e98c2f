// `console.table`.
'use strict';

const { inspect } = require('./util.js');

const INDEX = '(index)';
const VALUES = 'Values';

function cell(value) {
  return inspect(value, { depth: 0, breakLength: Infinity, compact: 3 });
}

function rows(value) {
  const entries = value instanceof Map ? [...value.values()].entries() : Object.entries(value);
  return Array.from(entries, ([key, row]) => {
    const isObject = row !== null && typeof row === 'object';
    const cells = isObject ? Object.entries(row).map(([name, of]) => [name, cell(of)]) : [[VALUES, cell(row)]];
    return new Map([[INDEX, String(key)], ...cells]);
  });
}

module.exports = function (value) {
  if (value === null || typeof value !== 'object') return inspect(value);
  const lines = rows(value);
  const names = new Set([INDEX]);
  for (const line of lines) for (const name of line.keys()) if (name !== VALUES) names.add(name);
  if (lines.some((line) => line.has(VALUES))) names.add(VALUES);
  const columns = [...names];
  const width = (name) => Math.max(name.length, ...lines.map((line) => (line.get(name) || '').length)) + 2;
  const widths = columns.map(width);
  const rule = (left, middle, right) => left + widths.map((w) => '─'.repeat(w)).join(middle) + right;
  const line = (of) => '│' + columns.map((name, i) => ` ${of(name)}`.padEnd(widths[i])).join('│') + '│';
  return [
    rule('┌', '┬', '┐'),
    line((name) => name),
    rule('├', '┼', '┤'),
    ...lines.map((row) => line((name) => row.get(name) || '')),
    rule('└', '┴', '┘'),
  ].join('\n');
};
