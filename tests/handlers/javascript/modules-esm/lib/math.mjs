export const twice = (n) => 2 * n;
export let counter = 0;
export function increment() { counter++; }
