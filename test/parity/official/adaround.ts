import { customGradient, sumTo, type Granularity, type Quantizer, type Tf } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { adaround, gridOf } from '../../../packages/plugins/src/quantizer/adaround.js';
import { make } from '../../plugins/make-plugin.js';

interface Options {
  readonly symmetric: boolean;
  readonly granularity: Granularity;
  readonly rounding: 'hard' | 'soft';
}

/** The official quantizer of weights: they are frozen but for what flows through the scale, and hard rounding trains nothing. */
export async function officialAdaround(tf: Tf, options: Options): Promise<Quantizer> {
  const quantizer = await make(adaround, { ...options }, { tf });
  return {
    ...quantizer,
    fakeQuantize(x, range, bits, trained) {
      const tilt = trained!['tilt']!; // as ours has
      const { scale } = gridOf(tf, range, bits, options.symmetric);
      const rounded = options.rounding === 'soft' ? tilt : frozen(tf, tilt);
      return quantizer.fakeQuantize(movedByScale(tf, x, scale), range, bits, { tilt: rounded });
    },
  };
}

/** `x`, with the gradient of scale * (x / scale) where the quotient is frozen: the code stays as it is when the scale moves. */
function movedByScale(tf: Tf, x: Tensor, scale: Tensor): Tensor {
  return customGradient(
    tf,
    { x, scale },
    ({ x, scale }) => ({ value: x, saved: { quotient: tf.div(x, scale), scale } }),
    (dy, { quotient, scale }) => ({ x: tf.zerosLike(dy), scale: sumTo(tf, tf.mul(dy, quotient), scale) }),
  );
}

/** `x`, with a gradient of zeros. */
function frozen(tf: Tf, x: Tensor): Tensor {
  return customGradient(
    tf,
    { x },
    ({ x }) => ({ value: x }),
    (dy) => ({ x: tf.zerosLike(dy) }),
  );
}
