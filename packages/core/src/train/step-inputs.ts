import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine, Tensors } from '../engine/engine.js';
import { extremePrecision } from './precision-choices.js';
import { samplerInvalid } from './train-errors.js';
import type { Bits, Precision } from '../quantization/precision.js';
import type { BitInputs } from './site-hooks.js';
import type { BitSets, Sampler } from '../kinds/sampler.js';
import type { PrecisionChoice } from '../kinds/wrapper.js';
import { random } from '../random.js';
import type { ImageShape } from '../kinds/augmentation.js';
import { readTensor } from './read-tensor.js';
import { imageTensor, type Views } from './views.js';

const OPERANDS = ['weights', 'activations'] as const;
const bitsName = (operand: (typeof OPERANDS)[number], index: number): string => `bits.${index}.${operand}`;

/** Names of a step's inputs, besides bit widths. */
export const INPUTS = {
  images: 'images',
  learningRate: 'learningRate',
  momentum: 'momentum',
  step: 'step',
  draws: (view: number) => `draws.${view}`,
} as const;

/** The bit widths of a precision as inputs; a float operand has none. */
export function bitInputs({ tf }: Pick<Engine, 'tf'>, precision: Precision, index: number): Tensors {
  const widths = OPERANDS.flatMap((operand) => {
    const width = precision[operand];
    return width === 'float' ? [] : [[bitsName(operand, index), tf.scalar(width)] as const];
  });
  return Object.fromEntries(widths);
}

/** The bit widths among a step's inputs. */
export function readBits(inputs: Tensors, index: number): BitInputs {
  // `bitInputs` made them: scalars.
  return Object.fromEntries(
    OPERANDS.flatMap((operand) => {
      const width = inputs[bitsName(operand, index)];
      return width ? [[operand, width as Scalar]] : [];
    }),
  );
}

/** Whether an input is a bit width. */
export function isBits(input: string): boolean {
  return input.startsWith('bits.');
}

/** Whether outputs are quantized in a step with these inputs. */
export function quantizesOutputs(inputs: Tensors): boolean {
  return Object.keys(inputs).some((name) => /^bits\.\d+\.activations$/.test(name));
}

/** The inputs of one step on the host. */
export interface StepBatch {
  readonly images: Uint8Array;
  /** Their heights and widths, if they were read whole. */
  readonly sizes?: Uint16Array | undefined;
  readonly imageShape: ImageShape;
  /** The images' indexes in the training split. */
  readonly samples: Uint32Array;
  readonly epoch: number;
  /** From 0, over all epochs. */
  readonly step: number;
  readonly learningRate: number;
  /** The momentum of the method's momentum encoder, if it has one. */
  readonly momentum?: number | undefined;
  readonly precisions: readonly Precision[];
}

/** The inputs of one step as tensors; the caller disposes them. */
export function stepInputs(
  { tf }: Pick<Engine, 'tf'>,
  views: Views,
  count: number,
  seed: number,
  { images, sizes, imageShape, samples, epoch, step, learningRate, momentum, precisions }: StepBatch,
): Tensors {
  const size = samples.length;
  const drawn = Array.from({ length: count }, (_, view) => ({ view, recipe: views.recipe(view) }))
    .filter(({ recipe }) => recipe.draws > 0)
    .map(({ view, recipe }) => [
      INPUTS.draws(view),
      tf.tensor2d(recipe.draw({ seed, epoch, view }, samples, sizes), [size, recipe.draws]),
    ]);
  return {
    [INPUTS.images]: imageTensor(tf, images, imageShape),
    [INPUTS.learningRate]: tf.scalar(learningRate),
    [INPUTS.step]: tf.scalar(step),
    ...(momentum === undefined ? {} : { [INPUTS.momentum]: tf.scalar(momentum) }),
    ...Object.fromEntries(drawn),
    ...Object.assign({}, ...precisions.map((precision, index) => bitInputs({ tf }, precision, index))),
  };
}

/** The views of a step with these inputs. */
export function readViews({ tf }: Pick<Engine, 'tf'>, views: Views, count: number, inputs: Tensors): Tensor4D[] {
  const images = readTensor(inputs, INPUTS.images) as Tensor4D; // `stepInputs` made it
  return Array.from({ length: count }, (_, view) => {
    const drawn = inputs[INPUTS.draws(view)] ?? tf.zeros([images.shape[0], 0]);
    return views.recipe(view).apply(images, drawn as Tensor2D);
  });
}

/** The precisions of a step: a function of only the seed and the step (or the epoch). @throws SsqlError SAMPLER_INVALID */
export function drawPrecisions(
  sampler: Sampler,
  sets: BitSets,
  choices: readonly PrecisionChoice[],
  seed: number,
  at: { readonly step: number; readonly epoch: number },
): Precision[] {
  const source =
    sampler.per === 'epoch' ? random(seed, 'precision of an epoch', at.epoch) : random(seed, 'precision', at.step);
  return choices.map((choice, index) => {
    if (choice !== 'random') return extremePrecision(sets, choice);
    const precision = sampler.draw(source, sets, { ...at, index });
    for (const operand of OPERANDS) {
      if (!isWidth(precision[operand]))
        throw samplerInvalid(`${operand} of ${String(precision[operand])} bits`, '1 to 16, or float');
    }
    return precision;
  });
}

function isWidth(bits: Bits): boolean {
  return bits === 'float' || (Number.isInteger(bits) && bits >= 1 && bits <= 16);
}
