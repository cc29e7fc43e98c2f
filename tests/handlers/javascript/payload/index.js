exports.handler = async ({ count }) => {
  const items = Array.from({ length: count }, (_, i) => ({ id: i, name: `item ${i}`, price: i * 1.25, tags: ['a', 'b'] }));
  const total = items.filter((i) => i.id % 2).reduce((sum, i) => sum + i.price, 0);
  return { total, size: JSON.stringify(items).length, last: items.at(-1), grouped: Object.entries(Object.groupBy(items, (i) => i.id % 3)).map(([k, v]) => [k, v.length]) };
};
