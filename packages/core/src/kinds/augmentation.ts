import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Random } from '../random.js';

export type ImageShape = readonly [height: number, width: number, channels: number];

/** One step of the augmentation pipeline. Random numbers are drawn per sample on the host; images are transformed in the graph. */
export interface Augmentation {
  /**
   * Prepares the augmentation for images of one shape.
   * @param size the height and width of the view, if the pipeline's `views` says it: the default of a step that resizes
   * @throws SsqlError if the shape is impossible for it (crop larger than the image, color jitter on one channel)
   */
  prepare(input: ImageShape, size?: number): PreparedAugmentation;
}

export interface PreparedAugmentation {
  readonly output: ImageShape;
  /** How many numbers `draw` returns; 0 for a deterministic step. */
  readonly draws: number;
  /** The random numbers of one sample, `draws` of them. */
  draw(random: Random): readonly number[];
  /**
   * As `draw`, for an image that fills only the upper left corner of its array. A step with this function cuts such images out of their
   * arrays; default: it cannot.
   */
  drawWithin?(random: Random, height: number, width: number): readonly number[];
  /** What these numbers of a sample do, in a few words: `20x24 at 3, 5`. `ssql preview` shows it; default: the numbers. */
  describe?(drawn: readonly number[]): string;
  /** Images [N,H,W,C] (in [0, 1] before normalization) and their random numbers [N,draws] -> images. */
  apply(images: Tensor4D, drawn: Tensor2D): Tensor4D;
  /** Whether evaluation applies the step too (normalization does). Such a step draws no numbers. */
  readonly evaluation?: boolean;
}
