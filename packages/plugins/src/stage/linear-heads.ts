import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { random, type CompiledStep, type Engine, type Step, type Tf } from '@ssql/core';
import { mixTargets, type Mixing } from './mixing.js';

/** Linear classifiers, one at each precision, trained side by side by SGD with momentum. */
export interface LinearHeads {
  /**
   * A step on features [N,D] at each precision, in order; the caller disposes them.
   * @param mixing how the images were mixed; default: they were not
   */
  train(features: readonly Tensor2D[], labels: Int32Array, rate: number, mixing?: Mixing): void;
  /** The class [N] that each head gives features, in order. */
  classify(features: readonly Tensor2D[]): Promise<readonly ArrayLike<number>[]>;
  /** Whether all weights are finite, by head. */
  finite(): Promise<readonly boolean[]>;
  dispose(): void;
}

export interface HeadSettings {
  readonly heads: number;
  readonly dimension: number;
  readonly classes: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly seed: number;
}

type Tensors = { readonly [name: string]: Tensor };

/** Standard deviation of initial weights. */
const DEVIATION = 0.01;

/** Heads that start with the same weights, normal with deviation 0.01, and a bias of 0. */
export function linearHeads(engine: Engine, settings: HeadSettings): LinearHeads {
  const { tf } = engine;
  const { heads, dimension, classes, seed } = settings;
  const source = random(seed, 'linear-evaluation head');
  const initial = Float32Array.from({ length: dimension * classes }, () => DEVIATION * source.normal());
  let state: Tensors = Object.fromEntries(
    indexes(heads).flatMap((head) => [
      [`weights.${head}`, tf.tensor2d(initial, [dimension, classes])],
      [`bias.${head}`, tf.zeros([classes])],
      [`weights velocity.${head}`, tf.zeros([dimension, classes])],
      [`bias velocity.${head}`, tf.zeros([classes])],
    ]),
  );
  let compiled: CompiledStep<Tensors, Tensors, Tensors> | undefined;
  const weights = (head: number): Tensor2D => state[`weights.${head}`] as Tensor2D;
  return {
    train(features, labels, rate, mixing) {
      const named = Object.fromEntries(features.map((tensor, head) => [`features.${head}`, tensor]));
      // Cast afterwards: on wasm, `oneHot` to float32 writes the bits of an integer.
      const targets = tf.tidy(() => {
        const each: Tensor2D = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes) as Tensor2D, 'float32');
        return mixing === undefined ? each : mixTargets(tf, each, mixing);
      });
      const rateTensor = tf.scalar(rate);
      try {
        const inputs = { ...named, targets, rate: rateTensor };
        compiled ??= engine.compile(descent(tf, settings), state, inputs);
        const next = compiled.run(state, inputs).state;
        tf.dispose(state);
        state = next;
      } finally {
        tf.dispose([targets, rateTensor]);
      }
    },
    async classify(features) {
      const classesOf = (x: Tensor2D, head: number): Tensor1D =>
        tf.tidy(() => tf.argMax(tf.add(tf.matMul(x, weights(head)), state[`bias.${head}`]!), 1));
      const guesses = features.map(classesOf);
      try {
        return await Promise.all(guesses.map((tensor) => tensor.data()));
      } finally {
        tf.dispose(guesses);
      }
    },
    async finite() {
      const all = await Promise.all(indexes(heads).map((head) => weights(head).data()));
      return all.map((values) => values.every(Number.isFinite));
    },
    dispose() {
      compiled?.dispose();
      tf.dispose(state);
    },
  };
}

/** v = m v + g + d w, w = w - rate v for each head, with the gradient of softmax and cross-entropy written out. */
export function descent(tf: Tf, { heads, momentum, weightDecay }: HeadSettings): Step<Tensors, Tensors, Tensors> {
  return (state, inputs) => {
    const { targets, rate } = inputs as { readonly targets: Tensor2D; readonly rate: Scalar };
    const next = indexes(heads).flatMap((head): [string, Tensor][] => {
      const x = inputs[`features.${head}`] as Tensor2D;
      const [weights, bias] = [state[`weights.${head}`] as Tensor2D, state[`bias.${head}`] as Tensor1D];
      const logits: Tensor2D = tf.add(tf.matMul(x, weights), bias);
      const error = tf.div<Tensor2D>(tf.sub(tf.softmax(logits), targets), targets.shape[0]);
      const moved = (name: string, value: Tensor, gradient: Tensor): [string, Tensor][] => {
        const decayed = tf.add(gradient, tf.mul(value, weightDecay));
        const velocity = tf.add(tf.mul(state[`${name} velocity.${head}`]!, momentum), decayed);
        return [
          [`${name}.${head}`, tf.sub(value, tf.mul(velocity, rate))],
          [`${name} velocity.${head}`, velocity],
        ];
      };
      return [...moved('weights', weights, tf.matMul(x, error, true)), ...moved('bias', bias, tf.sum(error, 0))];
    });
    return { state: Object.fromEntries(next), outputs: {} };
  };
}

function indexes(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
