import type { Tensor2D } from '@tensorflow/tfjs-core';
import { definePlugin, SsqlError, type Features, type RunStage, type RunStageContext, type Tf } from '@ssql/core';
import { classifiedFeatures, type LabelledSets } from './classified-features.js';
import { percent } from './percent.js';
import { evaluationPrecisionsOption } from './precisions-option.js';

/** Test images compared with all training images at once. */
const CHUNK = 256;

/** Accuracy of the weighted vote of the k nearest training features, by cosine, at each precision. */
export const knn = definePlugin({
  kind: 'stage',
  name: 'knn',
  summary:
    'Classifies by a weighted vote of the nearest training features and measures the accuracy at each precision.',
  paper: 'Wu et al., Unsupervised Feature Learning via Non-Parametric Instance Discrimination, 2018, section 3.4.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['precisions'],
    properties: {
      precisions: evaluationPrecisionsOption,
      classifier: {
        enum: ['matched', 'float'],
        default: 'matched',
        description:
          'matched: neighbours are training features of the same precision. float: neighbours are float training features.',
      },
      k: {
        type: 'integer',
        minimum: 1,
        default: 20,
        description: 'Number of neighbours that vote; 200 in the paper, of 50,000 images or more.',
      },
      temperature: {
        type: 'number',
        exclusiveMinimum: 0,
        default: 0.07,
        description: 'The weight of a vote is exp(cosine / temperature); 0.07 in the paper.',
      },
    },
  },
  create: ({ precisions, classifier, k, temperature }): RunStage => ({
    scope: 'run',
    needsLabels: true,
    check({ train }) {
      if (k > train.size) throw knnImpossible(k, train.size);
    },
    async run(context) {
      const sets = await classifiedFeatures(context, precisions, classifier);
      for (const [index, text] of precisions.entries()) {
        const value = await accuracy(sets[index]!, { k, temperature, name: `knn ${text}` }, context);
        const { protocol } = sets[index]!;
        const result = { stage: 'knn', precision: text, classifier, metric: 'accuracy', value } as const;
        await context.record([{ ...result, ...(protocol && { protocol }) }]);
      }
    },
  }),
});

interface Vote {
  readonly k: number;
  readonly temperature: number;
  readonly name: string;
}

async function accuracy(
  { train, test }: LabelledSets,
  { k, temperature, name }: Vote,
  context: RunStageContext,
): Promise<number> {
  const { tf } = context.engine;
  const total = test.labels.length;
  if (k > train.labels.length) {
    throw knnImpossible(k, train.labels.length);
  }
  const bank = tf.tidy(() => directions(tf, train, 0, train.labels.length));
  try {
    let right = 0;
    for (let first = 0; first < total; first += CHUNK) {
      const end = Math.min(first + CHUNK, total);
      const nearest = tf.tidy(() => tf.topk(tf.matMul(directions(tf, test, first, end), bank, false, true), k));
      try {
        const cosines = await nearest.values.data();
        const indexes = await nearest.indices.data();
        for (let i = 0; i < end - first; i++) {
          const votes = new Float64Array(context.dataset.classes.length);
          for (let j = i * k; j < (i + 1) * k; j++) {
            // Relative to the best cosine, so that a small temperature does not overflow.
            votes[train.labels[indexes[j]!]!]! += Math.exp((cosines[j]! - cosines[i * k]!) / temperature);
          }
          if (votes.indexOf(Math.max(...votes)) === test.labels[first + i]) right++;
        }
      } finally {
        tf.dispose([nearest.values, nearest.indices]);
      }
      await context.progress(name, end, total);
    }
    return percent(right, total);
  } finally {
    bank.dispose();
  }
}

/** Features `first` to `end` at unit length, [end - first, D]. */
function directions(tf: Tf, { values, dimension }: Features, first: number, end: number): Tensor2D {
  const features = tf.tensor2d(values.subarray(first * dimension, end * dimension), [end - first, dimension]);
  const lengths = tf.sqrt(tf.sum(tf.square(features), 1, true));
  return tf.div(features, tf.maximum(lengths, 1e-12));
}

/**
 * `k` of the stage `knn` exceeds the number of training images.
 * @remedy Lower `k`.
 */
function knnImpossible(k: number, images: number): SsqlError {
  return new SsqlError('KNN_IMPOSSIBLE', `knn: k is ${k}; expected at most ${images}, the number of training images.`);
}
