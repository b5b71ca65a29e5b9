import type { Tf } from '@ssql/core';
import type { LabelledFeatures } from './classified-features.js';
import { percent } from './percent.js';
import type { Standardization } from './standardization.js';

/** A linear classifier of features: weights [D,C], row-major, and bias [C]. */
export interface LinearHead {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** The head on raw features that is equivalent to `head` on standardized features. */
export function foldStandardization({ weights, bias }: LinearHead, { mean, deviation }: Standardization): LinearHead {
  const classes = bias.length;
  const folded = weights.map((weight, i) => weight / deviation[Math.floor(i / classes)]!);
  const shift = new Float64Array(classes);
  folded.forEach((weight, i) => (shift[i % classes]! += weight * mean[Math.floor(i / classes)]!));
  return { weights: folded, bias: bias.map((value, index) => value - shift[index]!) };
}

/** Accuracy of the head on the features, in percent. */
export async function accuracy(
  tf: Tf,
  head: LinearHead,
  { values, dimension, labels }: LabelledFeatures,
): Promise<number> {
  const classes = head.bias.length;
  const guesses = tf.tidy(() => {
    const features = tf.tensor2d(values, [labels.length, dimension]);
    const logits = tf.add(tf.matMul(features, tf.tensor2d(head.weights, [dimension, classes])), tf.tensor1d(head.bias));
    return tf.argMax(logits, 1);
  });
  try {
    const answers = await guesses.data();
    return percent(labels.filter((label, index) => label === answers[index]).length, labels.length);
  } finally {
    guesses.dispose();
  }
}
