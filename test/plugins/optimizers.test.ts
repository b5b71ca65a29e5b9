import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer } from '@ssql/core';
import { adamw } from '../../packages/plugins/src/optimizer/adamw.js';
import { lars } from '../../packages/plugins/src/optimizer/lars.js';
import { sgd } from '../../packages/plugins/src/optimizer/sgd.js';
import { onCpu } from './context.js';
import { make } from './make-plugin.js';

interface Reference {
  readonly shapes: { readonly [name: string]: number[] };
  readonly learningRates: readonly number[];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly adamw: readonly {
    readonly weightDecay: number;
    readonly clipNorm: number | null;
    readonly steps: readonly { readonly [name: string]: readonly number[] }[];
  }[];
}

const REFERENCE = new URL('../torch/optimizers.json', import.meta.url);

describe('optimizers', () => {
  onCpu();

  describe('adamw', () => {
    for (const [index, title] of ['without decay', 'with decay', 'with decay and clipped gradients'].entries())
      it(`takes PyTorch's steps ${title}`, async () => {
        const { shapes, learningRates, adamw: cases, ...options } = JSON.parse(readFileSync(REFERENCE, 'utf8')) as Reference; // prettier-ignore
        const { weightDecay, clipNorm, steps } = cases[index]!;
        const { beta1, beta2, epsilon } = options;
        const clip = clipNorm === null ? {} : { clipNorm };
        const optimizer = await make(adamw, { beta1, beta2, epsilon, weightDecay, ...clip });
        const begin = Object.entries(shapes).map(([name, shape], at) => ({ name, value: values(shape, at) }));
        const parameters = new Training(optimizer, begin);
        learningRates.forEach((rate, step) => {
          parameters.step(
            rate,
            Object.values(shapes).map((shape, at) => values(shape, 10 * step + at + 3)),
          );
          for (const [name, expected] of Object.entries(steps[step]!))
            assertClose(parameters.value(name), expected, 2e-6, `${name} after step ${step + 1}`);
        });
      });

    it('does not decay vectors if told so', async () => {
      const optimizer = await make(adamw, { weightDecay: 0.5, decayVectors: false });
      const training = new Training(optimizer, [
        { name: 'weight', value: tf.tensor2d([[2]]) },
        { name: 'bias', value: tf.tensor1d([2]) },
      ]);
      training.step(0.1, [tf.zeros([1, 1]), tf.zeros([1])]);
      assertClose(training.value('weight'), [1.9], 1e-6, 'the weight');
      assertClose(training.value('bias'), [2], 0, 'the bias');
    });
  });

  describe('lars', () => {
    const OPTIONS = { momentum: 0.9, weightDecay: 0.1, trust: 0.02 };

    it('adapts the step of a weight to its length: d = g + wd p, v = m v + trust |p| / |d| d, p = p - lr v', async () => {
      const training = new Training(await make(lars, OPTIONS), [{ name: 'w', value: tf.tensor2d([[3, -4]]) }]);
      let p = [3, -4];
      let v = [0, 0];
      const gradients = [
        [1, 2],
        [-2, 0.5],
        [0.25, -3],
      ];
      for (const g of gradients) {
        const d = g.map((value, at) => value + 0.1 * p[at]!);
        const factor = (0.02 * Math.hypot(...p)) / Math.hypot(...d);
        v = v.map((value, at) => 0.9 * value + factor * d[at]!);
        p = p.map((value, at) => value - 0.5 * v[at]!);
        training.step(0.5, [tf.tensor2d([g])]);
        assertClose(training.value('w'), p, 1e-6, 'the weight');
      }
    });

    it('neither adapts nor decays vectors', async () => {
      const training = new Training(await make(lars, OPTIONS), [{ name: 'b', value: tf.tensor1d([3]) }]);
      training.step(0.5, [tf.tensor1d([2])]);
      assertClose(training.value('b'), [2], 1e-6, 'the bias');
    });

    it('does not divide by zero', async () => {
      const optimizer = await make(lars, { ...OPTIONS, weightDecay: 0 });
      const training = new Training(optimizer, [
        { name: 'zero', value: tf.zeros([1, 2]) },
        { name: 'still', value: tf.ones([1, 2]) },
      ]);
      training.step(1, [tf.ones([1, 2]), tf.zeros([1, 2])]);
      assertClose(training.value('zero'), [-1, -1], 0, 'a weight of zeros');
      assertClose(training.value('still'), [1, 1], 0, 'a weight without gradient');
    });
  });

  it('sgd scales all gradients down to a global norm, and keeps shorter ones', async () => {
    const { gradients } = await make(sgd, { clipNorm: 1 });
    const clipped = (...all: number[]): number[] =>
      gradients!(all.map((value) => ({ name: 'w', gradient: tf.scalar(value) }))).map((value) => value.dataSync()[0]!);
    assertClose(clipped(3, -4), [0.6, -0.8], 1e-6, 'long gradients');
    assertClose(clipped(0.3, -0.4), [0.3, -0.4], 1e-7, 'short gradients');
  });
});

/** Steps of an optimizer on some parameters, as `trainingStep` takes them. */
class Training {
  private readonly slots: tf.Tensor[][];
  private steps = 0;

  constructor(
    private readonly optimizer: Optimizer,
    private readonly parameters: { readonly name: string; value: tf.Tensor }[],
  ) {
    this.slots = parameters.map(({ value }) => optimizer.slots.map(() => tf.zerosLike(value)));
  }

  step(rate: number, gradients: readonly tf.Tensor[]): void {
    const all = this.parameters.map(({ name }, at) => ({ name, gradient: gradients[at]! }));
    const changed = this.optimizer.gradients?.(all) ?? gradients;
    this.parameters.forEach((parameter, at) => {
      const updated = this.optimizer.update(
        { ...parameter, gradient: changed[at]!, slots: this.slots[at]! },
        tf.scalar(rate),
        tf.scalar(this.steps),
      );
      parameter.value = updated.value;
      this.slots[at] = [...updated.slots];
    });
    this.steps += 1;
  }

  value(name: string): Float32Array {
    return this.parameters.find((parameter) => parameter.name === name)!.value.dataSync<'float32'>();
  }
}

/** As optimizers.py makes them. */
function values(shape: number[], seed: number): tf.Tensor {
  const count = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Array.from({ length: count }, (_, i) => (((7 * i + 5 * seed) % 33) - 16) / 8),
    shape,
  );
}

function assertClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number, what: string): void {
  assert.equal(actual.length, expected.length, what);
  expected.forEach((value, at) =>
    assert.ok(Math.abs(actual[at]! - value) <= tolerance, `${what}: ${actual[at]} instead of ${value}`),
  );
}
