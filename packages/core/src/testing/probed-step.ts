import assert from 'node:assert/strict';
import type { Rank, Tensor } from '@tensorflow/tfjs-core';
import type { Networks } from '../train/model.js';
import type { Engine, Tensors } from '../engine/engine.js';
import type { Network } from '../nn/network.js';
import type { Precision } from '../quantization/precision.js';
import type { ImageShape } from '../kinds/augmentation.js';
import type { Method } from '../kinds/method.js';
import { assembleModel, type Model } from '../train/model.js';
import type { Optimizer } from '../kinds/optimizer.js';
import type { SchedulePoint } from '../kinds/schedule.js';
import { methodInputs } from '../train/method-inputs.js';
import { bitInputs, INPUTS } from '../train/step-inputs.js';
import { slotName } from '../train/optimizer-slots.js';
import { trainingStep } from '../train/step.js';
import { initialState } from '../train/training-state.js';
import type { Recipe } from '../train/recipe.js';
import { positionsOf } from '../train/view-positions.js';
import { viewsOf } from '../train/views.js';
import type { Wrapper } from '../kinds/wrapper.js';
import { assertFinite } from './assertions.js';
import type { Companions } from './companions.js';
import { SEED } from './create-plugin.js';

/** A power of two: the mean of equal features is then exact, and batch norm of them exactly 0. */
export const BATCH = 4;

/** The momentum of momentum encoders. */
export const MOMENTUM = 0.9;

/** What a probed step is made of. */
export interface ProbedParts {
  readonly engine: Engine;
  readonly companions: Companions;
  readonly backbone: Network;
  readonly method: Method;
  readonly wrapper: Wrapper;
  readonly input: ImageShape;
}

/** A training step of real parts whose optimizer changes nothing and stores the gradients. */
export interface ProbedStep {
  readonly model: Model;
  /** Views [BATCH, ...input] and the initial state of training. */
  inputs(views: readonly Tensor[], precision?: Precision): Tensors;
  /** `loss`, `part.<name>`, `featureStd`, and `gradient.<parameter>` of each parameter that gets one. */
  run(inputs: Tensors): Tensors;
  /** The state after the step. */
  next(inputs: Tensors): Tensors;
}

const GRADIENT = 'gradient';

/** The point in training at which a method's scalars and draws are taken. */
const MIDDLE: SchedulePoint = { epoch: 2, epochs: 4, step: 20, stepsPerEpoch: 10 };

/** The method with all networks trained, because the laws ask for the gradients of all. */
function unfrozen(method: Method): Pick<Method, 'scalars' | 'draws' | 'frozen'> {
  return {
    scalars: (at) => method.scalars?.(at) ?? {},
    draws: method.draws ?? {},
    frozen: Object.fromEntries(Object.keys(method.frozen ?? {}).map((network) => [network, () => false])),
  };
}

/** The name of a parameter's gradient among the outputs of a probed step. */
export function gradientName(parameter: string): string {
  return `gradient.${parameter}`;
}

/** The number of views that a method is tested with. */
export function viewCountOf({ views }: Pick<Method, 'views'>): number {
  const { global, local } = positionsOf(views);
  return global + (local === 'any' ? 2 : local);
}

/** Assembles a step. @throws SsqlError NETWORK_INVALID */
export function probedStep({ engine, companions, backbone, method, wrapper, input }: ProbedParts): ProbedStep {
  const { tf } = engine;
  const operand = (quantizer: 'weights' | 'activations') => ({
    quantizer: companions.quantizers[quantizer],
    observer: companions.observer,
    bits: [],
  });
  const composition = {
    backbone,
    method,
    wrapper,
    weights: operand('weights'),
    activations: operand('activations'),
    pins: {},
  };
  // The model reads only these members.
  const model = assembleModel(composition as unknown as Networks, [BATCH, ...input], () => undefined);
  const recipe: Recipe = {
    shape: input,
    draws: input[0] * input[1] * input[2],
    draw: () => assert.fail('the views are inputs'),
    apply: (images, drawn) => tf.reshape(drawn, images.shape), // the views are passed instead of random numbers
    evaluate: (images) => images,
  };
  const views = viewsOf([recipe], viewCountOf(method));
  const step = trainingStep({ engine, model, views, method, wrapper, optimizer: handsOutGradients });
  const state = initialState(engine, model, handsOutGradients, SEED);
  return {
    model,
    inputs: (images, precision) => ({
      ...state,
      [INPUTS.images]: tf.zeros<Rank.R4>([BATCH, ...input]),
      [INPUTS.learningRate]: tf.scalar(1),
      [INPUTS.step]: tf.scalar(0),
      [INPUTS.momentum]: tf.scalar(MOMENTUM),
      ...methodInputs(engine, unfrozen(method), { seed: SEED, batch: BATCH }, MIDDLE),
      ...Object.fromEntries(images.map((view, index) => [INPUTS.draws(index), tf.reshape(view, [BATCH, -1])])),
      ...(precision ? bitInputs(engine, precision, 0) : {}),
    }),
    next: (inputs) => step(inputs, inputs).state,
    run(inputs) {
      const { state: next, outputs } = step(inputs, inputs);
      // A step passes on unchanged the slots of a parameter without a gradient.
      const gradients = model.trained.flatMap(({ name }) => {
        const gradient = next[slotName(GRADIENT, name)];
        return gradient === undefined || gradient === inputs[slotName(GRADIENT, name)]
          ? []
          : [[gradientName(name), gradient] as const];
      });
      return { ...outputs, ...Object.fromEntries(gradients) };
    },
  };
}

/** Fails if a parameter that training changes gets no finite gradient. */
export function assertTrained({ trained }: Model, outputs: Tensors, where: string): void {
  const without = trained.filter(({ name }) => outputs[gradientName(name)] === undefined).map(({ name }) => name);
  assert.equal(without.length, 0, `no gradient reaches ${without.join(', ')} ${where}`);
  for (const { name } of trained)
    assertFinite(outputs[gradientName(name)]!.dataSync(), `the gradient of ${name} ${where}`);
}

const handsOutGradients: Optimizer = {
  learningRate: 1,
  slots: [GRADIENT],
  update: ({ value, gradient }) => ({ value, slots: [gradient] }),
};
