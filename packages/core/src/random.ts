/** A stream of random numbers that is a function of its key alone. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform in {0, ..., count - 1}. */
  integer(count: number): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * Opens the stream of a key, for example (seed, 'augment', epoch, sample, view). Counter-based: the k-th number depends on the
 * key and on k only, so resuming needs no generator state. Mixing is MurmurHash3's 32-bit finalizer over two lanes.
 */
export function random(seed: number, purpose: string, ...counters: readonly number[]): Random {
  let a = mix(seed ^ 0x9e3779b9);
  let b = mix(seed + 0x85ebca6b);
  const absorb = (word: number): void => {
    a = mix(a ^ word);
    b = mix((b + Math.imul(word, 0x9e3779b1)) ^ a);
  };
  for (const character of purpose) absorb(character.codePointAt(0) ?? 0);
  for (const counter of counters) {
    absorb(counter >>> 0);
    absorb(Math.floor(counter / 2 ** 32) >>> 0);
  }
  let count = 0;
  const uniform = (): number => {
    count++;
    const high = mix(a ^ mix(b + Math.imul(count, 0x9e3779b9)));
    const low = mix(b ^ mix(a + Math.imul(count, 0xc2b2ae35)));
    return ((high >>> 5) * 67108864 + (low >>> 6)) / 9007199254740992;
  };
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    integer: (n) => Math.floor(uniform() * n),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** The numbers 0 to count - 1 in random order (Fisher-Yates). */
export function permutation(count: number, source: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = source.integer(last + 1);
    const value = order[last]!;
    order[last] = order[other]!;
    order[other] = value;
  }
  return order;
}

function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
