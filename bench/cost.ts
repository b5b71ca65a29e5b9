import type { Measurement } from './bench.js';

/** The cost of a step. */
export interface Cost {
  /** The median. */
  readonly secondsPerStep: number;
  /** The first and the third quartile. */
  readonly quartiles: readonly [number, number];
  /** Images, not views. */
  readonly imagesPerSecond: number;
  readonly peakBytes: number;
}

/** Summarizes the steps of a process. */
export function costOfStep({ seconds, peakBytes }: Measurement, batch: number): Cost {
  const secondsPerStep = median(seconds);
  const quartiles = [quantile(seconds, 0.25), quantile(seconds, 0.75)] as const;
  return { secondsPerStep, quartiles, imagesPerSecond: batch / secondsPerStep, peakBytes };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear between neighbours; NaN of no values. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(position)] ?? NaN, sorted[Math.ceil(position)] ?? NaN];
  return below + (above - below) * (position % 1);
}

/** Cells of a table: seconds, quartiles, images per second, memory. */
export function costCells({ secondsPerStep, quartiles, imagesPerSecond, peakBytes }: Cost): string[] {
  return [
    secondsPerStep.toPrecision(3),
    quartiles.map((seconds) => seconds.toPrecision(3)).join(' to '),
    imagesPerSecond.toFixed(1),
    `${(peakBytes / 2 ** 30).toFixed(2)} GiB`,
  ];
}

export const COST_HEADERS: readonly string[] = ['s/step', 'quartiles', 'images/s', 'peak memory'];
