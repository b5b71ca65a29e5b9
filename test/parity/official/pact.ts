import { customGradient, type Quantizer, type Tf } from '@ssql/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { pact } from '../../../packages/plugins/src/quantizer/pact.js';
import { make } from '../../plugins/make-plugin.js';

/**
 * The official quantizer. Where it is signed, its levels are alpha / (2^b - 1) apart from -alpha to alpha: those of ours with a bit more.
 * The gradient from its lower clip has the wrong sign.
 */
export async function officialPact(tf: Tf, signed: boolean): Promise<Quantizer> {
  const quantizer = await make(pact, { signed, initial: 10 }, { tf });
  if (!signed) return quantizer;
  return {
    ...quantizer,
    fakeQuantize(x, range, bits, trained) {
      const clip = trained!['clip']!; // as ours has
      const oneMore = tf.add<Scalar>(bits, 1);
      const positive = quantizer.fakeQuantize(tf.relu(x), range, oneMore, { clip });
      const negative = quantizer.fakeQuantize(tf.minimum(x, 0), range, oneMore, { clip: reversed(tf, clip) });
      return tf.add(positive, negative);
    },
  };
}

/** `x`, with the gradient of -x. */
function reversed(tf: Tf, x: Tensor): Tensor {
  return customGradient(
    tf,
    { x },
    ({ x }) => ({ value: x }),
    (dy) => ({ x: tf.neg(dy) }),
  );
}
