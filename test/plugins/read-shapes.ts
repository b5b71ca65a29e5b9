import type { Network } from '@ssql/core';
import { describe, type Shape } from '../../packages/core/src/nn/describe.js';

/** A network's description, arranged to be compared. */
export interface ShapeReading {
  readonly output: Shape;
  readonly parameters: { readonly [name: string]: Shape };
  /** Parameters that keep their first value. */
  readonly frozen: readonly string[];
  readonly batchNorms: readonly string[];
  readonly sites: readonly string[];
}

export function readShapes(network: Network, input: Shape): ShapeReading {
  const { parameters, statistics, outputSites, output } = describe(network, input);
  return {
    output,
    parameters: Object.fromEntries(parameters.map(({ name, shape }) => [name, shape])),
    frozen: parameters.filter(({ frozen }) => frozen).map(({ name }) => name),
    batchNorms: statistics.filter(({ role }) => role === 'mean').map(({ name }) => name.replace(/\.running_mean$/, '')),
    sites: outputSites,
  };
}

export function parameterCount({ parameters }: Pick<ShapeReading, 'parameters'>): number {
  return Object.values(parameters).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
