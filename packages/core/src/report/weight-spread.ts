import type { RunRecord } from '../kinds/run-record.js';

/** The distribution of a convolution's weights, in units of their standard deviation. */
export interface WeightSpread {
  readonly layer: string;
  readonly minimum: number;
  readonly low: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly high: number;
  readonly maximum: number;
  /** The largest weight over the standard deviation: a min-max quantizer's step grows with it. */
  readonly outlierRatio: number;
}

/** The spread of every convolution; low and high are the quantiles 1 % and 99 %. As in Figure 5 of the SSQL paper, per tensor. */
export function weightSpreads({ weights }: RunRecord): readonly WeightSpread[] {
  return weights
    .filter(({ shape, values }) => shape.length === 4 && values.length > 1)
    .map(({ name, values }) => spread(name, values));
}

function spread(name: string, values: Float32Array): WeightSpread {
  const deviation = standardDeviation(values);
  const sorted = values.slice().sort();
  const at = (quantile: number): number => (sorted[Math.round(quantile * (sorted.length - 1))] ?? 0) / (deviation || 1);
  const [minimum, maximum] = [at(0), at(1)];
  return {
    layer: name.replace(/\.weight$/, ''),
    minimum,
    low: at(0.01),
    lowerQuartile: at(0.25),
    upperQuartile: at(0.75),
    high: at(0.99),
    maximum,
    outlierRatio: Math.max(-minimum, maximum),
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
