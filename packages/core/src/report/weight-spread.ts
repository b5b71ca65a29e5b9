import type { RunRecord } from '../kinds/run-record.js';
import { groupBy } from './group-by.js';

/** `deviation`: the standard deviation of the layer's weights. `one`: the weights as they are. */
export type WeightUnit = 'deviation' | 'one';

/** The distribution of a convolution's weights, in a unit. */
export interface WeightSpread {
  readonly layer: string;
  readonly minimum: number;
  readonly low: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly high: number;
  readonly maximum: number;
  /** The largest magnitude: a min-max quantizer's step grows with it. */
  readonly largest: number;
}

/** The spread of every convolution, per tensor, by layer; low and high are the quantiles 1 % and 99 %. Means over runs. */
export function averageSpreads(runs: readonly RunRecord[], unit: WeightUnit): ReadonlyMap<string, WeightSpread> {
  const layers = groupBy(
    runs.flatMap((run) => weightSpreads(run, unit)),
    ({ layer }) => layer,
  );
  return new Map([...layers].map(([layer, spreads]) => [layer, average(layer, spreads)]));
}

/** The median over layers of the largest magnitudes. */
export function medianOfLargest(spreads: ReadonlyMap<string, WeightSpread>): number {
  const sorted = [...spreads.values()].map(({ largest }) => largest).toSorted((a, b) => a - b);
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN)) / 2
  );
}

function weightSpreads({ weights }: RunRecord, unit: WeightUnit): readonly WeightSpread[] {
  return weights
    .filter(({ shape, values }) => shape.length === 4 && values.length > 1)
    .map(({ name, values }) => spread(name, values, unit));
}

function spread(name: string, values: Float32Array, unit: WeightUnit): WeightSpread {
  const divisor = (unit === 'deviation' && standardDeviation(values)) || 1;
  const sorted = values.slice().sort();
  const at = (quantile: number): number => (sorted[Math.round(quantile * (sorted.length - 1))] ?? 0) / divisor;
  const [minimum, maximum] = [at(0), at(1)];
  return {
    layer: name.replace(/\.weight$/, ''),
    minimum,
    low: at(0.01),
    lowerQuartile: at(0.25),
    upperQuartile: at(0.75),
    high: at(0.99),
    maximum,
    largest: Math.max(-minimum, maximum),
  };
}

function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}

function average(layer: string, spreads: readonly WeightSpread[]): WeightSpread {
  const mean = (key: Exclude<keyof WeightSpread, 'layer'>): number =>
    spreads.reduce((sum, spread) => sum + spread[key], 0) / spreads.length;
  return {
    layer,
    minimum: mean('minimum'),
    low: mean('low'),
    lowerQuartile: mean('lowerQuartile'),
    upperQuartile: mean('upperQuartile'),
    high: mean('high'),
    maximum: mean('maximum'),
    largest: mean('largest'),
  };
}
