import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openEngine, random, type Engine, type TargetContext } from '@ssql/core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { vicreg } from '../src/index.js';

/** VICReg computes its targets from the online outputs only. */
const NO_CONTEXT: TargetContext = {
  scalars: {},
  draws: {},
  views: [],
  memory: {},
  momentum: { encode: () => assert.fail(), head: () => assert.fail() },
};

type Matrix = readonly (readonly number[])[];

describe('the loss of VICReg', () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine({ use: 'cpu' });
  });
  after(() => engine.close());

  const method = (options: { invariance?: number; variance?: number; covariance?: number } = {}) => {
    const { tf, ops } = engine;
    const weights = { dim: 4, invariance: 25, variance: 25, covariance: 1, ...options };
    return vicreg.create(weights, { tf, ops, folder: '.', seed: 1, needs: {} }) as Exclude<
      ReturnType<typeof vicreg.create>,
      Promise<unknown>
    >;
  };
  const lossOf = (z1: Matrix, z2: Matrix, options = {}): number => {
    const { tf } = engine;
    return tf.tidy(() => {
      const online = [tf.tensor2d(copy(z1)), tf.tensor2d(copy(z2))];
      const { targets, loss } = method(options);
      return loss(online, targets(online, NO_CONTEXT)).dataSync()[0]!;
    });
  };

  it('is the formula of the paper, written out in plain JavaScript', () => {
    for (const [images, variables] of [
      [2, 3],
      [5, 4],
      [16, 7],
    ] as const) {
      const z1 = normal(images, variables, 'z1', 0.7);
      const z2 = normal(images, variables, 'z2', 1.3);
      const expected =
        25 * 2 * meanSquare(z1, z2) + 25 * (hinge(z1) + hinge(z2)) + decorrelation(z1) + decorrelation(z2);
      assertClose(lossOf(z1, z2), expected);
    }
  });

  it('is 50 (1 - sqrt(epsilon)) if all embeddings are equal', () => {
    const point = [
      [3, -1],
      [3, -1],
      [3, -1],
    ];
    assertClose(lossOf(point, point), 50 * (1 - 0.01));
  });

  it('is 0 for equal embeddings with spread out, uncorrelated variables', () => {
    const corners = [
      [2, 2],
      [2, -2],
      [-2, 2],
      [-2, -2],
    ];
    assert.equal(lossOf(corners, corners), 0);
  });

  it('is nu times the squared covariance for two identical variables', () => {
    // Cov = Var = 4 * 4 / 3; two off-diagonal entries, divided by D = 2, for each of two embeddings.
    const line = [
      [2, 2],
      [-2, -2],
      [2, 2],
      [-2, -2],
    ];
    assertClose(lossOf(line, line, { covariance: 3 }), 3 * 2 * (16 / 3) ** 2);
  });

  it('has the gradient of the loss without stopped targets', () => {
    const { tf } = engine;
    tf.tidy(() => {
      const z1 = tf.tensor2d(copy(normal(6, 4, 'g1', 0.8)));
      const z2 = tf.tensor2d(copy(normal(6, 4, 'g2', 1.1)));
      const { targets, loss } = method();
      const gradients = tf.grads((a, b) =>
        loss([a as Tensor2D, b as Tensor2D], targets([a as Tensor2D, b as Tensor2D], NO_CONTEXT)),
      );
      // s is counted once and trains both sides; the other terms need no targets.
      const terms = method({ invariance: 0 });
      const unstopped = tf.grads((a, b) => {
        const pair = [a as Tensor2D, b as Tensor2D] as const;
        return tf.add<Scalar>(tf.mul(tf.mean(tf.square(tf.sub(a, b))), 25), terms.loss(pair, pair));
      });
      const expected = unstopped([z1, z2]);
      gradients([z1, z2]).forEach((gradient, index) => {
        gradient.dataSync().forEach((value, at) => assertClose(value, expected[index]!.dataSync()[at]!));
      });
    });
  });
});

function normal(rows: number, columns: number, name: string, deviation: number): Matrix {
  const source = random(1, name);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => deviation * source.normal()));
}

function copy(matrix: Matrix): number[][] {
  return matrix.map((row) => [...row]);
}

function meanSquare(a: Matrix, b: Matrix): number {
  return mean(a.flatMap((row, i) => row.map((value, j) => (value - b[i]![j]!) ** 2)));
}

function hinge(z: Matrix): number {
  return mean(columnsOf(z).map((column) => Math.max(0, 1 - Math.sqrt(covarianceOf(column, column) + 1e-4))));
}

function decorrelation(z: Matrix): number {
  const columns = columnsOf(z);
  let sum = 0;
  for (const [i, a] of columns.entries())
    for (const [j, b] of columns.entries()) if (i !== j) sum += covarianceOf(a, b) ** 2;
  return sum / columns.length;
}

function columnsOf(z: Matrix): readonly (readonly number[])[] {
  return z[0]!.map((_, j) => z.map((row) => row[j]!));
}

function covarianceOf(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  return a.reduce((sum, value, i) => sum + (value - meanA) * (b[i]! - meanB), 0) / (a.length - 1);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected)), `${actual} instead of ${expected}`);
}
