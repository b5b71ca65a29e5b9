import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { random } from '../random.js';
import type { ImageShape, PreparedAugmentation } from '../kinds/augmentation.js';
import type { Law, Subject } from './law.js';

/** What a case of an augmentation may add to its options. */
export interface AugmentationExtra {
  /** Height, width and channels of an image; [16, 20, 3] by default. */
  readonly input?: ImageShape;
}

export type AugmentationLaw = Law<'augmentation', AugmentationExtra>;
export type AugmentationSubject = Subject<'augmentation', AugmentationExtra>;

/** Not square, so that height and width cannot be mistaken for each other. */
const INPUT: ImageShape = [16, 20, 3];
export const COUNT = 6;

/** The augmentation, fitted to the images of the case. */
export function prepared({ made, extra }: AugmentationSubject): PreparedAugmentation {
  return made.prepare(extra.input ?? INPUT);
}

/** Images [COUNT, ...input] of random values in [0, 1], the first all black and the second all white. */
export function imagesIn({ engine: { tf }, extra }: AugmentationSubject): Tensor4D {
  const shape = extra.input ?? INPUT;
  const size = shape[0] * shape[1] * shape[2];
  const source = random(1, 'images');
  const values = Float32Array.from({ length: COUNT * size }, (_, index) =>
    index < size ? 0 : index < 2 * size ? 1 : source.uniform(),
  );
  return tf.tensor4d(values, [COUNT, ...shape]);
}

/** The numbers that the augmentation draws for a sample. */
export function drawn(augmentation: PreparedAugmentation, sample: number): readonly number[] {
  return augmentation.draw(random(1, 'augment', sample));
}

/** The numbers of COUNT samples, from the first. */
export function drawnBatch(
  { engine: { tf } }: AugmentationSubject,
  augmentation: PreparedAugmentation,
  first = 0,
): Tensor2D {
  const rows = Array.from({ length: COUNT }, (_, index) => drawn(augmentation, first + index));
  return tf.tensor2d(rows.flat(), [COUNT, augmentation.draws]);
}
