import { random } from '../random.js';
import type { Parameter, Statistic } from './describe.js';

/**
 * A parameter's initial value, a function of the seed and its name. Convolutions: normal of variance 2 / (k^2 filters) (He et al.,
 * arXiv 1502.01852, for the backward pass, as in torchvision's residual networks). Linear weights and biases: uniform in
 * +-1 / sqrt(fan in), as in PyTorch. Batch norm: scale 1, shift 0, unless the network sets another value.
 */
export function initialValue({ name, shape, role, fanIn, initial }: Parameter, seed: number): Float32Array {
  const values = new Float32Array(size(shape));
  if (initial !== undefined) return values.fill(initial);
  const source = random(seed, `initialize ${name}`);
  switch (role) {
    case 'convolution': {
      const [height = 1, width = 1, , filters = 1] = shape;
      const deviation = Math.sqrt(2 / (height * width * filters));
      return values.map(() => deviation * source.normal());
    }
    case 'linear':
    case 'bias': {
      const bound = 1 / Math.sqrt(fanIn);
      return values.map(() => source.between(-bound, bound));
    }
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

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
