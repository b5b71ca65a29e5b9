import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/engine.js';
import { random } from '../random.js';
import { atLocation, type Location } from '../errors.js';
import type { Augmentation, ImageShape, PreparedAugmentation } from '../kinds/augmentation.js';

/** An augmentation of a pipeline. */
export interface RecipeStep {
  readonly augmentation: Augmentation;
  /** Its name in the pipeline, for people. */
  readonly name?: string;
  /** Its place in the pipeline. */
  readonly location: Location | undefined;
}

/** The augmentations of a view, fitted to its images. */
export interface Recipe {
  /** Height, width and channels of the view. */
  readonly shape: ImageShape;
  /** Random numbers per image. */
  readonly draws: number;
  /** Whether its first step crops images that are read whole; default: false. */
  readonly crops?: boolean;
  /**
   * The random numbers of a view of each sample, [samples, draws]: a function of only seed, epoch, sample and view, and of the size of the
   * image where images are read whole.
   */
  draw(
    key: { readonly seed: number; readonly epoch: number; readonly view: number },
    samples: Uint32Array,
    sizes?: Uint16Array,
  ): Float32Array;
  /** Images [N,H,W,C] of bytes 0 to 255 and their random numbers -> views. */
  apply(images: Tensor4D, drawn: Tensor2D): Tensor4D;
  /** Images for evaluation: only steps with `evaluation: true` are applied (normalization). */
  evaluate(images: Tensor4D): Tensor4D;
}

/** A recipe with its steps, in the order in which they are applied. */
export interface PreparedRecipe extends Recipe {
  readonly steps: readonly PreparedAugmentation[];
  /** What each step that draws does with the random numbers of one sample. */
  describe(drawn: readonly number[]): readonly string[];
}

/**
 * Prepares augmentations for the images, in order.
 * @param size the height and width that the pipeline asks for
 * @throws SsqlError of an augmentation that is impossible on these images
 */
export function prepareRecipe(
  tf: Tf,
  augmentations: readonly RecipeStep[],
  images: ImageShape,
  size?: number,
): PreparedRecipe {
  let shape = images;
  let first = 0;
  const placed = augmentations.map(({ augmentation, name, location }) => {
    const input = shape;
    const step = atLocation(location, () => augmentation.prepare(Object.freeze([...input] as const), size));
    const from = first;
    shape = step.output;
    first += step.draws;
    return { step, from, name: name ?? 'step' };
  });
  const draws = first;

  return {
    steps: placed.map(({ step }) => step),
    shape,
    draws,
    crops: placed[0]?.step.drawWithin !== undefined,
    describe: (drawn) =>
      placed
        .filter(({ step }) => step.draws > 0)
        .map(({ step, from, name }) => {
          const numbers = drawn.slice(from, from + step.draws);
          return `${name}: ${step.describe?.(numbers) ?? numbers.map((value) => Number(value.toPrecision(3))).join(' ')}`;
        }),
    draw({ seed, epoch, view }, samples, sizes) {
      const drawn = new Float32Array(samples.length * draws);
      samples.forEach((sample, row) => {
        const source = random(seed, 'augment', epoch, sample, view);
        placed.forEach(({ step, from }, index) => {
          const [height, width] = sizes?.subarray(2 * row, 2 * row + 2) ?? [];
          // Only the first step sees whole images; `prepareViews` checks that it can.
          const isWhole = index === 0 && height !== undefined && width !== undefined;
          const numbers = isWhole ? step.drawWithin?.(source, height, width) : undefined;
          drawn.set(numbers ?? step.draw(source), row * draws + from);
        });
      });
      return drawn;
    },
    apply: (images, drawn) =>
      placed.reduce(
        (x, { step, from }) => {
          const count = images.shape[0];
          const stepDraws: Tensor2D =
            step.draws === 0 ? tf.zeros([count, 0]) : tf.slice(drawn, [0, from], [count, step.draws]);
          return step.apply(x, stepDraws);
        },
        unit(tf, images),
      ),
    evaluate: (images) =>
      placed
        .filter(({ step }) => step.evaluation === true)
        .reduce((x, { step }) => step.apply(x, tf.zeros([images.shape[0], step.draws])), unit(tf, images)),
  };
}

/** Bytes to [0, 1]. */
function unit(tf: Tf, images: Tensor4D): Tensor4D {
  return tf.div(images, 255);
}
