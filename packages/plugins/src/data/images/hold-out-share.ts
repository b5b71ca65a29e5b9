import { permutation, random } from '@ssql/core';

/** Two parts of a list: a drawn share of at least one item, and the rest. They depend on the number of items and the share only, and keep the order. */
export function holdOutShare<T>(
  items: readonly T[],
  share: number,
): { readonly held: readonly T[]; readonly rest: readonly T[] } {
  const order = permutation(items.length, random(0, 'hold out'));
  const held = new Set(order.subarray(0, Math.max(1, Math.round(items.length * share))));
  return { held: items.filter((_, index) => held.has(index)), rest: items.filter((_, index) => !held.has(index)) };
}
