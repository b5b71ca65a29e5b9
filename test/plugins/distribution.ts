import assert from 'node:assert/strict';

/** Beyond it lies one sample in ten million. */
const DEVIATIONS = 5.3;

/** Beyond it, times 1 / sqrt(n), lies the Kolmogorov distance of one sample in ten thousand. */
const KOLMOGOROV = 2.23;

/** Fails unless values look like those of a uniform distribution: all within its ends, and as many below each point as it has. */
export function assertUniform(values: readonly number[], low: number, high: number, what: string, rounding = 0): void {
  const sorted = values.toSorted((a, b) => a - b);
  assert.ok(values.length >= 500, `${what}: only ${values.length} values`);
  assert.ok(
    sorted[0]! >= low - rounding && sorted.at(-1)! <= high + rounding,
    `${what}: ${sorted[0]}, ${sorted.at(-1)}`,
  );
  const distance = Math.max(
    ...sorted.map((value, at) => {
      const share = (value - low) / (high - low);
      return Math.max(share - at / sorted.length, (at + 1) / sorted.length - share);
    }),
  );
  const allowed = KOLMOGOROV / Math.sqrt(values.length) + rounding / (high - low);
  assert.ok(
    distance < allowed,
    `${what} is not uniform from ${low} to ${high}: distance ${distance}, allowed ${allowed}`,
  );
}

/** Fails unless two samples look like samples of one distribution. */
export function assertSameDistribution(first: readonly number[], second: readonly number[], what: string): void {
  const below = (values: readonly number[]) => {
    const sorted = values.toSorted((a, b) => a - b);
    return (point: number): number => {
      let [from, to] = [0, sorted.length];
      while (from < to) {
        const middle = (from + to) >> 1;
        if (sorted[middle]! <= point) from = middle + 1;
        else to = middle;
      }
      return from / sorted.length;
    };
  };
  const [ofFirst, ofSecond] = [below(first), below(second)];
  const distance = Math.max(...[...first, ...second].map((point) => Math.abs(ofFirst(point) - ofSecond(point))));
  const allowed = KOLMOGOROV * Math.sqrt(1 / first.length + 1 / second.length);
  assert.ok(distance < allowed, `${what} differs: distance ${distance}, allowed ${allowed}`);
}

/** Fails unless a share of `count` draws is as near to a probability as chance brings it. */
export function assertShare(share: number, probability: number, count: number, what: string): void {
  const allowed = DEVIATIONS * Math.sqrt((probability * (1 - probability)) / count);
  assert.ok(Math.abs(share - probability) <= allowed, `${what}: ${share}, not ${probability} within ${allowed}`);
}

/** Fails unless there are that many outcomes, each as frequent as the others. */
export function assertEqualShares(outcomes: readonly string[], kinds: number, what: string): void {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  assert.equal(counts.size, kinds, `${what}: ${[...counts.keys()].join('; ')}`);
  for (const [outcome, count] of counts)
    assertShare(count / outcomes.length, 1 / kinds, outcomes.length, `${what}: ${outcome}`);
}
