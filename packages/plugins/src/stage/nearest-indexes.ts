import type { Tensor2D } from '@tensorflow/tfjs-core';
import { SsqlError, type Features, type RunStageContext, type Tf } from '@ssql/core';
import type { LabelledSets } from './classified-features.js';

/** Test images compared with all training images at once. */
const CHUNK = 256;

/** The training images that are nearest to a test image. */
export interface Nearest {
  /** The index of the test image. */
  readonly test: number;
  /** Indexes of training images, the nearest first. */
  readonly indexes: ArrayLike<number>;
  readonly cosines: ArrayLike<number>;
}

/**
 * The k training images nearest to each test image by the cosine of their features, in the order of the test images.
 * @param what names the work in messages of progress
 * @throws SsqlError KNN_IMPOSSIBLE
 */
export async function* nearestImages(
  { train, test }: LabelledSets,
  k: number,
  what: string,
  context: RunStageContext,
): AsyncGenerator<Nearest, void, undefined> {
  const { tf } = context.engine;
  checkNeighbours(k, train.labels.length);
  const total = test.labels.length;
  const bank = tf.tidy(() => directions(tf, train, 0, train.labels.length));
  try {
    for (let first = 0; first < total; first += CHUNK) {
      const end = Math.min(first + CHUNK, total);
      const nearest = tf.tidy(() => tf.topk(tf.matMul(directions(tf, test, first, end), bank, false, true), k));
      const read = async (): Promise<readonly [ArrayLike<number>, ArrayLike<number>]> => {
        try {
          return [await nearest.values.data(), await nearest.indices.data()];
        } finally {
          tf.dispose([nearest.values, nearest.indices]);
        }
      };
      const [cosines, indexes] = (await read()) as [Float32Array, Int32Array]; // the types of `topk`
      for (let i = 0; i < end - first; i++) {
        const range = [i * k, (i + 1) * k] as const;
        yield { test: first + i, indexes: indexes.subarray(...range), cosines: cosines.subarray(...range) };
      }
      await context.progress(what, end, total);
    }
  } finally {
    bank.dispose();
  }
}

/** @throws SsqlError KNN_IMPOSSIBLE if there are fewer training images than neighbours */
export function checkNeighbours(k: number, images: number): void {
  if (k > images) throw knnImpossible(k, images);
}

/** Features `first` to `end` at unit length, [end - first, D]. */
function directions(tf: Tf, { values, dimension }: Features, first: number, end: number): Tensor2D {
  const features = tf.tensor2d(values.subarray(first * dimension, end * dimension), [end - first, dimension]);
  const lengths = tf.sqrt(tf.sum(tf.square(features), 1, true));
  return tf.div(features, tf.maximum(lengths, 1e-12));
}

/**
 * `k` of a stage that compares with the nearest neighbours exceeds the number of training images.
 * @remedy Lower `k`.
 */
function knnImpossible(k: number, images: number): SsqlError {
  return new SsqlError('KNN_IMPOSSIBLE', `k is ${k}; expected at most ${images}, the number of training images.`);
}
