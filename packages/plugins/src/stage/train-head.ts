import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { permutation, random, type CompiledStep, type Step, type RunStageContext, type Tf } from '@ssql/core';
import type { LinearHead } from './linear-head.js';

export interface HeadTraining {
  readonly epochs: number;
  readonly batch: number;
  readonly lr: number;
  readonly momentum: number;
  /** Epochs at which the learning rate falls to a tenth; without them it follows a cosine. */
  readonly milestones?: readonly number[];
  readonly weightDecay: number;
}

/** Training examples: features [N,D], row-major, and their labels. */
export interface HeadExamples {
  readonly values: Float32Array;
  readonly dimension: number;
  readonly labels: ArrayLike<number>;
}

// Type aliases, because interfaces have no index signature and are not assignable to `Tensors`.
type State = {
  readonly weights: Tensor2D;
  readonly bias: Tensor1D;
  readonly weightsVelocity: Tensor2D;
  readonly biasVelocity: Tensor1D;
};
type Inputs = {
  readonly features: Tensor2D;
  readonly targets: Tensor2D;
  readonly order: Tensor2D;
  readonly rates: Tensor1D;
};

type NoOutputs = Record<string, never>;

/** Updates per compiled step: an update is so small that the overhead of a call would double its cost. */
const STEPS_PER_CALL = 16;

/**
 * Softmax regression by SGD with momentum, from zero. The last, incomplete batch of an epoch is dropped. The order of the images
 * depends only on the seed and the epoch: the heads of all precisions get the same batches.
 */
export async function trainHead(
  examples: HeadExamples,
  training: HeadTraining,
  context: RunStageContext,
  name: string,
): Promise<LinearHead> {
  const { tf } = context.engine;
  const { values, dimension, labels } = examples;
  const classes = context.dataset.classes.length;
  const plan = planSteps(labels.length, training, context.seed);
  const features = tf.tensor2d(values, [labels.length, dimension]);
  // Cast afterwards: on wasm, `oneHot` to float32 writes the bits of an integer.
  const targets: Tensor2D = tf.tidy(() => tf.cast(tf.oneHot(Array.from(labels), classes) as Tensor2D, 'float32'));
  let state: State = {
    weights: tf.zeros([dimension, classes]),
    bias: tf.zeros([classes]),
    weightsVelocity: tf.zeros([dimension, classes]),
    biasVelocity: tf.zeros([classes]),
  };
  let inputs: Inputs = { features, targets, ...callInputs(tf, plan, 0) };
  let compiled: CompiledStep<State, Inputs, NoOutputs> | undefined;
  try {
    compiled = context.engine.compile(descents(tf, training, plan.batch), state, inputs);
    for (let first = 0; first < plan.steps; first += STEPS_PER_CALL) {
      tf.dispose([inputs.order, inputs.rates]);
      inputs = { features, targets, ...callInputs(tf, plan, first) };
      const next = compiled.run(state, inputs).state;
      tf.dispose(state);
      state = next;
      await context.progress(name, Math.min(first + STEPS_PER_CALL, plan.steps), plan.steps);
    }
    return { weights: Float32Array.from(await state.weights.data()), bias: Float32Array.from(await state.bias.data()) };
  } finally {
    compiled?.dispose();
    tf.dispose([state, inputs]);
  }
}

/** STEPS_PER_CALL steps of v = m v + g + d w, w = w - rate v, with the gradient of softmax and cross-entropy written out. */
function descents(tf: Tf, { momentum, weightDecay }: HeadTraining, batch: number): Step<State, Inputs, NoOutputs> {
  return (start, { features, targets, order, rates }) => {
    let { weights, bias, weightsVelocity, biasVelocity } = start;
    for (let step = 0; step < STEPS_PER_CALL; step++) {
      const indexes: Tensor2D = tf.reshape(tf.slice(order, [step, 0], [1, batch]), [batch, 1]);
      const rate: Scalar = tf.reshape(tf.slice(rates, [step], [1]), []);
      // Not `gather`: in tfjs-node it reads its indexes on the host, which tracing does not allow.
      const x = tf.gatherND(features, indexes) as Tensor2D;
      const logits: Tensor2D = tf.add(tf.matMul(x, weights), bias);
      const error = tf.div<Tensor2D>(tf.sub(tf.softmax(logits), tf.gatherND(targets, indexes)), batch);
      const weightsGradient = tf.add(tf.matMul(x, error, true), tf.mul(weights, weightDecay));
      const biasGradient = tf.add(tf.sum(error, 0), tf.mul(bias, weightDecay));
      weightsVelocity = tf.add(tf.mul(weightsVelocity, momentum), weightsGradient);
      biasVelocity = tf.add(tf.mul(biasVelocity, momentum), biasGradient);
      weights = tf.sub(weights, tf.mul(weightsVelocity, rate));
      bias = tf.sub(bias, tf.mul(biasVelocity, rate));
    }
    return { state: { weights, bias, weightsVelocity, biasVelocity }, outputs: {} };
  };
}

interface Plan {
  readonly batch: number;
  readonly steps: number;
  /** Indexes of the images of a step. */
  indexes(step: number): Uint32Array;
  rate(step: number): number;
}

function planSteps(count: number, { epochs, batch: batchSize, lr, milestones }: HeadTraining, seed: number): Plan {
  const batch = Math.min(batchSize, count);
  const stepsPerEpoch = Math.floor(count / batch);
  const steps = epochs * stepsPerEpoch;
  let current = { epoch: -1, order: new Uint32Array() as Uint32Array };
  return {
    batch,
    steps,
    indexes(step) {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (epoch !== current.epoch) current = { epoch, order: permutation(count, random(seed, 'linear-probe', epoch)) };
      const first = (step % stepsPerEpoch) * batch;
      return current.order.subarray(first, first + batch);
    },
    rate(step) {
      if (!milestones) return (lr * (1 + Math.cos((Math.PI * step) / steps))) / 2;
      const epoch = Math.floor(step / stepsPerEpoch);
      return lr * 0.1 ** milestones.filter((milestone) => epoch >= milestone).length;
    },
  };
}

/** Inputs of the call that starts at a step; steps after the last have rate 0 and change no weight. */
function callInputs(tf: Tf, plan: Plan, first: number): { readonly order: Tensor2D; readonly rates: Tensor1D } {
  const order = new Int32Array(STEPS_PER_CALL * plan.batch);
  const rates = new Float32Array(STEPS_PER_CALL);
  for (let i = 0; i < STEPS_PER_CALL && first + i < plan.steps; i++) {
    order.set(plan.indexes(first + i), i * plan.batch);
    rates[i] = plan.rate(first + i);
  }
  return { order: tf.tensor2d(order, [STEPS_PER_CALL, plan.batch], 'int32'), rates: tf.tensor1d(rates) };
}
