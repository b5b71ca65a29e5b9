import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { random } from '@ssql/core';
import { sinkhorn } from '../../packages/plugins/src/losses/sinkhorn.js';
import { swappedPrediction } from '../../packages/plugins/src/losses/swapped-prediction.js';
import { dino } from '../../packages/plugins/src/method/dino.js';
import { swav } from '../../packages/plugins/src/method/swav.js';
import { onCpu } from './context.js';
import { make } from './make-plugin.js';

type Rows = readonly (readonly number[])[];

describe('codes by Sinkhorn-Knopp', () => {
  onCpu();
  const codes = (scores: Rows, epsilon: number, iterations: number): Rows =>
    sinkhorn(tf, matrix(scores), { epsilon, iterations }).arraySync();

  it('are diag(u) exp(scores / epsilon) diag(v), written out', () => {
    const scores = rows('scores', 5, 3);
    let expected = scores.map((row) => row.map((score) => Math.exp(score / 0.4)));
    for (let iteration = 0; iteration < 3; iteration++) {
      const columns = expected[0]!.map((_, k) => sum(expected.map((row) => row[k]!)));
      expected = expected.map((row) => row.map((value, k) => value / columns[k]! / 3));
      expected = expected.map((row) => row.map((value) => value / sum(row) / 5));
    }
    codes(scores, 0.4, 3).forEach((row, n) => row.forEach((value, k) => near(value, 5 * expected[n]![k]!)));
  });

  it('sum to 1 for each image, and use all prototypes equally after many iterations', () => {
    const balanced = codes(rows('scores', 8, 4), 0.5, 200);
    for (const row of balanced) near(sum(row), 1);
    for (const k of [0, 1, 2, 3]) near(sum(balanced.map((row) => row[k]!)), 2);
  });

  it('are uniform for equal scores, a permutation where each image has its prototype, and finite for large scores', () => {
    codes([[1, 1], [1, 1]], 0.05, 3).flat().forEach((value) => near(value, 0.5)); // prettier-ignore
    codes([[0, 1], [1, 0]], 0.05, 3).flat().forEach((value, i) => near(value, [0, 1, 1, 0][i]!)); // prettier-ignore
    assert.ok(codes([[900, 901], [899, 900]], 0.05, 3).flat().every(Number.isFinite)); // prettier-ignore
  });
});

describe('loss swapped-prediction', () => {
  onCpu();

  it('is the mean cross-entropy of pairs of different views, written out', () => {
    const logits = ['a', 'b', 'c'].map((name) => rows(name, 4, 3));
    const targets = ['t1', 't2'].map((name) => rows(name, 4, 3).map(softmax));
    const pairs: number[] = [];
    targets.forEach((target, of) =>
      logits.forEach((view, from) => {
        if (from === of) return;
        const entropies = target.map((row, n) => -sum(row.map((p, k) => p * Math.log(softmax(view[n]!)[k]!))));
        pairs.push(sum(entropies) / 4);
      }),
    );
    assert.equal(pairs.length, 4);
    near(swapped(logits, targets), sum(pairs) / 4);
  });

  it('is log K for equal logits, and the entropy of the targets where predictions equal them', () => {
    const targets = ['t1', 't2'].map((name) => rows(name, 4, 3).map(softmax));
    near(swapped([zeros(4, 3), zeros(4, 3)], targets), Math.log(3));
    const [target] = targets;
    const logs = target!.map((row) => row.map(Math.log));
    near(swapped([logs, logs], [target!, target!]), -sum(target!.flat().map((p) => p * Math.log(p))) / 4);
  });
});

describe('schedules of SwAV and DINO', () => {
  const at = (step: number) => ({ epoch: Math.floor(step / 10), epochs: 40, step, stepsPerEpoch: 10 });

  it('freeze the prototypes at first', async () => {
    const frozen = async (method: Promise<Awaited<ReturnType<typeof make<'method'>>>>, step: number) =>
      (await method).frozen!['prototypes']!(at(step));
    assert.deepEqual([await frozen(make(swav), 312), await frozen(make(swav), 313)], [true, false]);
    assert.deepEqual([await frozen(make(dino), 9), await frozen(make(dino), 10)], [true, false]);
  });

  it("warm the teacher's temperature up linearly over epochs, and raise its momentum to 1", async () => {
    const { scalars, momentum } = await make(dino);
    const temperature = (step: number): number => scalars!(at(step))['teacherTemperature']!;
    [0, 150, 290, 399].forEach((step, i) => near(temperature(step), [0.04, 0.04 + (0.03 * 15) / 29, 0.07, 0.07][i]!));
    near(temperature(9), 0.04);
    near(momentum!(at(0)), 0.996);
    near(momentum!(at(400)), 1);
    const single = await make(dino, { warmupEpochs: 1 });
    assert.deepEqual(
      [0, 10].map((step) => single.scalars!(at(step))['teacherTemperature']),
      [0.04, 0.07],
    );
  });
});

function swapped(logits: readonly Rows[], targets: readonly Rows[]): number {
  return swappedPrediction(tf, logits.map(matrix), targets.map(matrix)).dataSync()[0]!;
}

function rows(name: string, count: number, dim: number): Rows {
  const source = random(1, name);
  return Array.from({ length: count }, () => Array.from({ length: dim }, () => source.normal()));
}

function zeros(count: number, dim: number): Rows {
  return Array.from({ length: count }, () => Array.from({ length: dim }, () => 0));
}

function matrix(values: Rows): tf.Tensor2D {
  return tf.tensor2d(values.map((row) => [...row]));
}

function softmax(row: readonly number[]): readonly number[] {
  const exponentials = row.map(Math.exp);
  return exponentials.map((value) => value / sum(exponentials));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected)), `${actual} instead of ${expected}`);
}
