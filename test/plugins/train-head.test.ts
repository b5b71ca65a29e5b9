import assert from 'node:assert/strict';
import { permutation, random } from '@ssql/core';
import { foldStandardization } from '../../packages/plugins/src/stage/linear-head.js';
import { standardizationOf, standardize } from '../../packages/plugins/src/stage/standardization.js';
import { trainHead } from '../../packages/plugins/src/stage/train-head.js';
import { onCpu } from './context.js';
import { stageRun } from './stage-run.js';

function near(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, at) =>
    assert.ok(Math.abs(actual[at]! - value) < tolerance, `${Array.from(actual)}, not ${expected}`),
  );
}

describe('the training of a linear head', () => {
  onCpu();

  it('is that of a plain loop over batches in a new order in each epoch', async () => {
    const [seed, batch, epochs, rate, momentum, weightDecay] = [4, 2, 5, 0.4, 0.8, 0.05];
    // One feature and two classes: class 0 has the opposite weight of class 1. The fifth image of each epoch is left out.
    const examples = { values: Float32Array.of(-2, -1, 0.5, 1, 3), dimension: 1, labels: [0, 0, 1, 1, 0] };
    let [w, b, vw, vb] = [0, 0, 0, 0];
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = permutation(5, random(seed, 'linear-probe', epoch));
      for (let first = 0; first + batch <= 5; first += batch) {
        const taken = [...order.slice(first, first + batch)];
        const errors = taken.map((i) => 1 / (1 + Math.exp(-2 * (w * examples.values[i]! + b))) - examples.labels[i]!);
        const mean = (of: (error: number, at: number) => number) =>
          errors.reduce((sum, error, at) => sum + of(error, at), 0) / batch;
        vw = momentum * vw + mean((error, at) => error * examples.values[taken[at]!]!) + weightDecay * w;
        vb = momentum * vb + mean((error) => error) + weightDecay * b;
        const scaled = rate * (epoch >= 2 ? 0.1 : 1) * (epoch >= 4 ? 0.1 : 1);
        [w, b] = [w - scaled * vw, b - scaled * vb];
      }
    }
    const training = { epochs, batch, lr: rate, momentum, milestones: [2, 4], weightDecay };
    const { context } = await stageRun({}, 2, seed);
    const { weights, bias } = await trainHead(examples, training, context, 'head');
    near(weights, [-w, w]);
    near(bias, [-b, b]);
  });
});

describe('standardization', () => {
  const features = { values: Float32Array.of(1, 10, 3, 10, 5, 40), dimension: 2 } as const;

  it('makes features of mean 0 and deviation 1', () => {
    const { mean, deviation } = standardizationOf({ ...features, labels: undefined });
    near(mean, [3, 20]);
    near(deviation, [Math.sqrt(8 / 3), Math.sqrt(200)], 1e-4);
    const standard = standardize({ ...features, labels: undefined }, { mean, deviation });
    near(standard, [-2, -10, 0, -10, 2, 20].map((value, at) => value / deviation[at % 2]!)); // prettier-ignore
  });

  it('folds into a head', () => {
    const [mean, deviation] = [Float64Array.of(3, 20), Float64Array.of(2, 5)];
    const head = { weights: Float32Array.of(1, 2, 3, 4), bias: Float32Array.of(0.5, -0.5) };
    const { weights, bias } = foldStandardization(head, { mean, deviation });
    near(weights, [0.5, 1, 0.6, 0.8]);
    near(bias, [0.5 - 1.5 - 12, -0.5 - 3 - 16]);
  });
});
