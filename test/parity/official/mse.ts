import { withoutGradient, type Observer, type Tf } from '@ssql/core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { errorOf, searchFactor } from '../../../packages/plugins/src/observer/least-error.js';
import { mse } from '../../../packages/plugins/src/observer/mse.js';
import { make } from '../../plugins/make-plugin.js';

const EXPONENT = 2.4;

/**
 * The official observer: of the first batch alone, without comparing with the whole range, and with asymmetric levels also where the
 * quantizer's are symmetric.
 */
export async function officialMse(tf: Tf): Promise<Observer> {
  const observer = await make(mse, { samples: 1 << 20 }, { tf });
  return {
    observe: (x, granularity, previous) => previous ?? observer.observe(x, granularity),
    range(state, bits) {
      const { min, max, values, weights } = state as unknown as Seen; // as ours has
      const factor = withoutGradient(tf, () => {
        const ends: [Tensor1D, Tensor1D] = [tf.reshape(min, [-1]), tf.reshape(max, [-1])];
        const error = errorOf(tf, values, weights, ends, bits, { symmetric: false, exponent: EXPONENT });
        return tf.reshape(searchFactor(tf, error, tf.fill(ends[0].shape, Infinity)), min.shape);
      });
      return { min: tf.mul(min, factor), max: tf.mul(max, factor) };
    },
  };
}

interface Seen {
  readonly min: Tensor;
  readonly max: Tensor;
  readonly values: Tensor2D;
  readonly weights: Tensor2D;
}
