const at = new Date(Date.UTC(2024, 2, 5, 15, 4, 9, 7));
exports.handler = async ({ amount, names }) => ({
  plain: amount.toLocaleString(), fixed: amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  percent: (0.5).toLocaleString('en-US', { style: 'percent' }), big: 12345678901234567890n.toLocaleString('en'),
  money: ['USD', 'EUR', 'GBP', 'JPY', 'CHF'].map((currency) => new Intl.NumberFormat('en-US', { style: 'currency', currency }).format(-amount)),
  half: [1.005, 2.5, -0.0001].map((value) => value.toLocaleString('en', { maximumFractionDigits: 2 })), list: [1234.5, null, 'a', [2000]].toLocaleString(),
  date: [at.toLocaleString(), at.toLocaleDateString(), at.toLocaleTimeString(), at.toLocaleDateString('en-US', { month: 'short' })],
  long: at.toLocaleDateString('en-US', { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }),
  styled: new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' }).format(at),
  hours: at.toLocaleTimeString('en-US', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' }),
  parts: new Intl.DateTimeFormat('en-US').formatToParts(at).map(({ type, value }) => type + value), zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  sorted: names.sort((a, b) => a.localeCompare(b)), numeric: ['a10', 'a2'].sort(new Intl.Collator('en', { numeric: true }).compare),
  same: 'résumé'.localeCompare('RESUME', 'en', { sensitivity: 'base' }), upper: 'straße'.toLocaleUpperCase('en-US'),
  plural: [new Intl.PluralRules('en').select(1), new Intl.PluralRules('en', { type: 'ordinal' }).select(22)],
});
