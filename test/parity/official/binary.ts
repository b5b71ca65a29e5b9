import { straightThrough, type Quantizer, type Tf } from '@ssql/core';
import { binary } from '../../../packages/plugins/src/quantizer/binary.js';
import { make } from '../../plugins/make-plugin.js';

/**
 * The official quantizer: the sign of 0 is 0, a third level, and the gradient passes large values too. That the official code also clips
 * the weight, in place, is left out: fake quantization is pure.
 */
export async function officialBinary(tf: Tf): Promise<Quantizer> {
  const quantizer = await make(binary, {}, { tf });
  return {
    ...quantizer,
    fakeQuantize: (x, range, bits) =>
      straightThrough(tf, x, (x) => tf.where(tf.equal(x, 0), x, quantizer.fakeQuantize(x, range, bits))),
  };
}
