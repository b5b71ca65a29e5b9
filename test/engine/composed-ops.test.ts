import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { openEagerEngine } from '../../packages/core/src/engine/eager-engine.js';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { assertClose, assertNothingLeaked, forwardAndGradients, values, type Compute } from './tensors.js';

const EPSILON = 1e-5;

for (const name of ['wasm', 'cpu'] as const) {
  describe(`composed operations on ${name}`, () => {
    let engine: Engine;
    before(async () => {
      engine = await openEagerEngine(name);
    });
    after(() => engine.close());

    for (const shape of [
      [6, 3],
      [4, 5, 2],
      [3, 4, 5, 7],
      [2, 2, 3, 2, 3],
    ]) {
      it(`batchNorm of [${shape.join(', ')}] is the closed form`, () => {
        const channels = shape.at(-1)!;
        const inputs = [values(shape as [number]), values([channels], 2), values([channels], 3)];
        const [x, gamma, beta, dy] = [...inputs, values(shape as [number], 7)].map((tensor) => tensor.dataSync());
        const expected = closedForm(x!, gamma!, beta!, dy!);
        const found = forwardAndGradients(batchNormOf(engine), inputs);
        const names = ['y', 'dx', 'dgamma', 'dbeta'];
        found.forEach((array, i) => assertClose(array, expected.arrays[i]!, 2e-6, names[i]));
        const { mean, variance } = engine.ops.batchNorm(
          inputs[0]!,
          inputs[1] as tf.Tensor1D,
          inputs[2] as tf.Tensor1D,
          EPSILON,
        );
        assertClose(mean.dataSync(), expected.mean, 1e-6, 'mean');
        assertClose(variance.dataSync(), expected.variance, 1e-6, 'variance');
      });
    }

    it('batchNorm keeps its precision over many rows far from zero', () => {
      tf.tidy(() => {
        const x = tf.add(values([32 * 32 * 32, 2]), 10) as tf.Tensor2D;
        const { mean, variance } = engine.ops.batchNorm(x, tf.ones([2]), tf.zeros([2]), EPSILON);
        const expected = closedForm(x.dataSync(), [1, 1], [0, 0], new Float32Array(x.size));
        assertClose(mean.dataSync(), expected.mean, 1e-5, 'mean');
        assertClose(variance.dataSync(), expected.variance, 1e-5, 'variance');
      });
    });

    it('batchNorm gives no gradient through mean and variance', () => {
      tf.tidy(() => {
        const loss = (x: tf.Tensor): tf.Scalar => {
          const { y, mean, variance } = engine.ops.batchNorm(x, tf.ones([3]), tf.zeros([3]), EPSILON);
          return tf.add(tf.sum(tf.mul(y, 0)), tf.sum(tf.add(mean, variance)));
        };
        assert.ok(
          tf
            .grad(loss)(values([5, 3]))
            .dataSync()
            .every((gradient) => gradient === 0),
        );
      });
    });

    it('batchNorm refuses one value per channel', () => {
      const normalize = (): unknown => engine.ops.batchNorm(tf.ones([1, 3]), tf.ones([3]), tf.zeros([3]), EPSILON);
      assert.throws(() => tf.tidy(() => void normalize()), { code: 'BATCH_NORM_OF_ONE' });
    });

    it('relu passes the gradient where its output is above zero', () => {
      const [y, dx] = forwardAndGradients((x) => engine.ops.relu(x), [tf.tensor([-2, 0, 3, 4])]);
      const dy = values([4], 7).dataSync();
      assert.deepEqual([...y!], [0, 0, 3, 4]);
      assertClose(dx!, [0, 0, dy[2]!, dy[3]!], 0);
    });

    it('a network of all three agrees with finite differences', () => {
      tf.tidy(() => {
        const { conv2d, relu } = engine.ops;
        const x = values<tf.Rank.R4>([3, 6, 6, 2]);
        const target = values<tf.Rank.R4>([3, 3, 3, 4], 5);
        const loss: Compute = (filter, shortcut, gamma) => {
          const main = relu(
            batchNormOf(engine)(conv2d(x, filter as tf.Tensor4D, { stride: 2, padding: 1 }), gamma!, tf.ones([4])),
          );
          return tf.sum(tf.mul(tf.add(main, conv2d(x, shortcut as tf.Tensor4D, { stride: 2, padding: 0 })), target));
        };
        const inputs = [values([3, 3, 2, 4], 2), values([1, 1, 2, 4], 3), values([4], 4)];
        const gradients = tf.grads(loss)(inputs);
        inputs.forEach((input, i) => {
          const direction = values(input.shape as [number], 9);
          const at = (step: number): number =>
            loss(
              ...inputs.map((other, j) => (i === j ? tf.add(other, tf.mul(direction, step)) : other)),
            ).dataSync()[0]!;
          const slope = (at(2e-3) - at(-2e-3)) / 4e-3;
          assertClose(tf.sum(tf.mul(gradients[i]!, direction)).dataSync(), [slope], 5e-3, `input ${i}`);
        });
      });
    });

    it('leaves no tensors, with and without a gradient', () => {
      const inputs = [values([4, 3]), values([3], 2), values([3], 3)];
      assertNothingLeaked(() => {
        tf.tidy(() => void batchNormOf(engine)(...inputs));
        forwardAndGradients(batchNormOf(engine), inputs);
        tf.dispose(engine.ops.relu(inputs[0]!));
        const { y, mean, variance } = engine.ops.batchNorm(
          inputs[0]!,
          inputs[1] as tf.Tensor1D,
          inputs[2] as tf.Tensor1D,
          EPSILON,
        );
        tf.dispose([y, mean, variance]);
      });
    });
  });
}

function batchNormOf(engine: Engine): Compute {
  return (x, gamma, beta) => engine.ops.batchNorm(x!, gamma as tf.Tensor1D, beta as tf.Tensor1D, EPSILON).y;
}

/** y, dx, dgamma, dbeta in double precision, written from the definition. */
function closedForm(x: ArrayLike<number>, gamma: ArrayLike<number>, beta: ArrayLike<number>, dy: ArrayLike<number>) {
  const channels = gamma.length;
  const count = x.length / channels;
  const [y, dx] = [new Array<number>(x.length), new Array<number>(x.length)];
  const [dgamma, dbeta, means, variances] = [[], [], [], []] as number[][];
  for (let c = 0; c < channels; c++) {
    const rows = Array.from({ length: count }, (_, n) => n * channels + c);
    const average = (f: (i: number) => number): number => rows.reduce((sum, i) => sum + f(i), 0) / count;
    const mean = average((i) => x[i]!);
    const variance = average((i) => (x[i]! - mean) ** 2);
    const rstd = 1 / Math.sqrt(variance + EPSILON);
    const xhat = (i: number): number => (x[i]! - mean) * rstd;
    const [meanOfDy, meanOfDyXhat] = [average((i) => dy[i]!), average((i) => dy[i]! * xhat(i))];
    for (const i of rows) {
      y[i] = gamma[c]! * xhat(i) + beta[c]!;
      dx[i] = gamma[c]! * rstd * (dy[i]! - meanOfDy - xhat(i) * meanOfDyXhat);
    }
    means!.push(mean);
    variances!.push((variance * count) / (count - 1));
    dgamma!.push(meanOfDyXhat * count);
    dbeta!.push(meanOfDy * count);
  }
  return { arrays: [y, dx, dgamma!, dbeta!], mean: means!, variance: variances! };
}
