import { nonZero, stopGradient, straightThrough, type Quantizer, type Tf } from '@ssql/core';
import { dorefa } from '../../../packages/plugins/src/quantizer/dorefa.js';
import { ofChannels } from '../../../packages/plugins/src/quantizer/granularity.js';
import { make } from '../../plugins/make-plugin.js';

/** What the official code multiplies outputs by before it clips them. */
const FACTOR = 0.1;

/** The official quantizer of weights: tanh(w) between -mean|tanh(w)| and mean|tanh(w)|, with a gradient that passes the clip. */
export async function officialDorefaWeights(tf: Tf): Promise<Quantizer> {
  // Their levels are those of signed activations.
  const levels = await make(dorefa, { form: 'activations', signed: true }, { tf });
  return {
    ...levels,
    fakeQuantize(x, _range, bits) {
      const bent = tf.tanh(x);
      const mean = stopGradient(ofChannels(tf, bent, 'channel', (rows) => tf.mean(tf.abs(rows), 0)));
      const end = nonZero(tf, mean);
      return straightThrough(tf, bent, (bent) => levels.fakeQuantize(bent, { min: tf.neg(end), max: end }, bits));
    },
  };
}

/** The official quantizer of activations: of a tenth of them, in [0, 1] or [-1/2, 1/2], and not scaled back. */
export async function officialDorefaActivations(tf: Tf, signed: boolean): Promise<Quantizer> {
  const quantizer = await make(dorefa, { form: 'activations', signed }, { tf });
  const range = signed ? { min: tf.scalar(-0.5), max: tf.scalar(0.5) } : { min: tf.scalar(0), max: tf.scalar(1) };
  return { ...quantizer, fakeQuantize: (x, _range, bits) => quantizer.fakeQuantize(tf.mul(x, FACTOR), range, bits) };
}
