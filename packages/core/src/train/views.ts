import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/engine.js';
import { random } from '../random.js';
import { atLocation, type Location } from '../errors.js';
import type { Augmentation, ImageShape } from '../kinds/augmentation.js';

/** The augmentations of a pipeline, fitted to its images. */
export interface Views {
  /** Height, width and channels of a view. */
  readonly shape: ImageShape;
  /** Random numbers per view of an image. */
  readonly draws: number;
  /** The random numbers of a view of each sample, [samples, draws]: a function of only seed, epoch, sample and view. */
  draw(
    key: { readonly seed: number; readonly epoch: number; readonly view: number },
    samples: Uint32Array,
  ): Float32Array;
  /** Images [N,H,W,C] of bytes 0 to 255 and their random numbers -> views. */
  apply(images: Tensor4D, drawn: Tensor2D): Tensor4D;
  /** Images for evaluation: only steps with `evaluation: true` are applied (normalization). */
  evaluate(images: Tensor4D): Tensor4D;
}

/**
 * Prepares augmentations for the images, in order.
 * @param location the location of an augmentation in the pipeline
 * @throws SsqlError of an augmentation that is impossible on these images
 */
export function prepareViews(
  tf: Tf,
  augmentations: readonly Augmentation[],
  images: ImageShape,
  location: (index: number) => Location | undefined,
): Views {
  let shape = images;
  let first = 0;
  const steps = augmentations.map((augmentation, index) => {
    const input = shape;
    const step = atLocation(location(index), () => augmentation.prepare(input));
    const from = first;
    shape = step.output;
    first += step.draws;
    return { step, from };
  });
  const draws = first;

  return {
    shape,
    draws,
    draw({ seed, epoch, view }, samples) {
      const drawn = new Float32Array(samples.length * draws);
      samples.forEach((sample, row) => {
        const source = random(seed, 'augment', epoch, sample, view);
        for (const { step, from } of steps) drawn.set(step.draw(source), row * draws + from);
      });
      return drawn;
    },
    apply: (images, drawn) =>
      steps.reduce(
        (x, { step, from }) => {
          const count = images.shape[0];
          const stepDraws: Tensor2D =
            step.draws === 0 ? tf.zeros([count, 0]) : tf.slice(drawn, [0, from], [count, step.draws]);
          return step.apply(x, stepDraws);
        },
        unit(tf, images),
      ),
    evaluate: (images) =>
      steps
        .filter(({ step }) => step.evaluation === true)
        .reduce((x, { step }) => step.apply(x, tf.zeros([images.shape[0], step.draws])), unit(tf, images)),
  };
}

/** A tensor [N,H,W,C] of the bytes that a split returns. */
export function imageTensor(tf: Tf, bytes: Uint8Array, [height, width, channels]: ImageShape): Tensor4D {
  return tf.tensor4d(Float32Array.from(bytes), [bytes.length / (height * width * channels), height, width, channels]);
}

/** Bytes to [0, 1]. */
function unit(tf: Tf, images: Tensor4D): Tensor4D {
  return tf.div(images, 255);
}
