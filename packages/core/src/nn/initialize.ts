import { random, type Random } from '../random.js';
import type { Parameter, Statistic } from './describe.js';

/**
 * How convolutions start. `normal`: weights are normal with variance 2 / (k^2 filters) (He et al., arXiv 1502.01852, for the backward
 * pass), biases are 0, as in torchvision's networks. `uniform`: weights and biases are uniform in +-1 / sqrt(fan in), PyTorch's default.
 */
export type ConvolutionInitialization = 'normal' | 'uniform';

/**
 * A parameter's initial value, a function of the seed and its name. Linear weights and biases: uniform in +-1 / sqrt(fan in), as in
 * PyTorch. Batch norm: scale 1, shift 0, unless the network sets another value.
 */
export function initialValue(
  { name, shape, role, fanIn, initial }: Parameter,
  seed: number,
  convolutions: ConvolutionInitialization = 'normal',
): Float32Array {
  const values = new Float32Array(size(shape));
  if (initial !== undefined) return values.fill(initial);
  const source = random(seed, `initialize ${name}`);
  switch (role) {
    case 'convolution':
      return convolutions === 'uniform' ? uniform(values, source, fanIn) : heNormal(values, source, shape);
    case 'convolution bias':
      return convolutions === 'uniform' ? uniform(values, source, fanIn) : values;
    case 'linear':
    case 'bias':
      return uniform(values, source, fanIn);
    case 'scale':
      return values.fill(1);
    case 'shift':
      return values;
  }
}

/** A running mean starts as 0, a running variance as 1. */
export function initialStatistic({ shape, role }: Statistic): Float32Array {
  return new Float32Array(size(shape)).fill(role === 'mean' ? 0 : 1);
}

/** For a weight [H,W,in,filters]. */
function heNormal(values: Float32Array, source: Random, shape: Parameter['shape']): Float32Array {
  const [height = 1, width = 1, , filters = 1] = shape;
  const deviation = Math.sqrt(2 / (height * width * filters));
  return values.map(() => deviation * source.normal());
}

function uniform(values: Float32Array, source: Random, fanIn: number): Float32Array {
  const bound = 1 / Math.sqrt(fanIn);
  return values.map(() => source.between(-bound, bound));
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
