import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { random } from '@ssql/core';
import { bothSides } from '../../packages/plugins/src/losses/both-sides.js';
import { infoNce } from '../../packages/plugins/src/losses/info-nce.js';
import { ntXent } from '../../packages/plugins/src/losses/nt-xent.js';
import { redundancyReduction } from '../../packages/plugins/src/losses/redundancy-reduction.js';
import { itIsOfficial, onTfjs } from '../parity/it-is-official.js';
import { lossCases } from '../parity/losses.js';
import { onCpu } from './context.js';

type Rows = readonly (readonly number[])[];

describe('losses', () => {
  onCpu();
  itIsOfficial('d_losses.json', lossCases, () => onTfjs);
});

describe('loss nt-xent', () => {
  onCpu();

  it('is equation 1 of SimCLR, written out', () => {
    const [z1, z2] = [rows('z1', 5, 3), rows('z2', 5, 3)];
    const all = [...z1, ...z2].map(unit);
    const terms = all.map((z, i) => {
      const positive = dot(z, all[(i + 5) % 10]!);
      const others = all.filter((_, j) => j !== i);
      return -Math.log(Math.exp(positive / 0.3) / sum(others.map((other) => Math.exp(dot(z, other) / 0.3))));
    });
    near(value(ntXent(tf, matrix(z1), matrix(z2), 0.3)), sum(terms) / 10);
  });

  it('is log(2N - 1) where all features are equal', () => {
    const equal = tf.ones<tf.Rank.R2>([6, 4]);
    near(value(ntXent(tf, equal, equal, 0.1)), Math.log(11));
  });

  it('does not ask which view is the first, in which order the images come, or how long features are', () => {
    const [z1, z2] = [rows('z1', 4, 3), rows('z2', 4, 3)];
    const loss = (a: Rows, b: Rows): number => value(ntXent(tf, matrix(a), matrix(b), 0.2));
    near(loss(z2, z1), loss(z1, z2));
    near(loss(z1.toReversed(), z2.toReversed()), loss(z1, z2));
    near(
      loss(
        z1.map((z) => z.map((x) => 7 * x)),
        z2,
      ),
      loss(z1, z2),
    );
  });
});

describe('loss info-nce', () => {
  onCpu();

  it('is equation 1 of MoCo, written out', () => {
    const [q, positives, negatives] = [rows('q', 3, 4), rows('k', 3, 4), rows('queue', 5, 4)].map((all) =>
      all.map(unit),
    );
    const terms = q!.map((query, i) => {
      const logits = [positives![i]!, ...negatives!].map((key) => dot(query, key) / 0.2);
      return -Math.log(Math.exp(logits[0]!) / sum(logits.map(Math.exp)));
    });
    const keys = { positives: matrix(positives!), negatives: matrix(negatives!) };
    near(value(infoNce(tf, matrix(q!), keys, 0.2)), sum(terms) / 3);
  });

  it('is log(K + 1) where all keys are equal, and does not ask for the order of the queue', () => {
    const one = tf.tensor2d([[0.6, 0.8]]);
    near(value(infoNce(tf, one, { positives: one, negatives: tf.tile(one, [7, 1]) }, 0.1)), Math.log(8));
    const negatives = rows('queue', 6, 2);
    const loss = (queue: Rows): number => value(infoNce(tf, one, { positives: one, negatives: matrix(queue) }, 0.5));
    near(loss(negatives.toReversed()), loss(negatives));
  });
});

describe('loss redundancy-reduction', () => {
  onCpu();

  it('is equations 1 and 2 of Barlow Twins, written out', () => {
    const [z1, z2] = [rows('z1', 6, 3), rows('z2', 6, 3)];
    const [a, b] = [standardized(z1), standardized(z2)];
    let expected = 0;
    for (const i of [0, 1, 2])
      for (const j of [0, 1, 2]) {
        const correlation = sum(a.map((row, n) => row[i]! * b[n]![j]!)) / 6;
        expected += i === j ? (1 - correlation) ** 2 : 0.1 * correlation ** 2;
      }
    near(value(redundancyReduction(tf, matrix(z1), matrix(z2), 0.1)), expected);
  });

  it('is 0 for equal embeddings of uncorrelated variables, and D where everything has collapsed', () => {
    const corners = matrix([
      [20, 20],
      [20, -20],
      [-20, 20],
      [-20, -20],
    ]);
    near(value(redundancyReduction(tf, corners, corners, 0.5)), 0);
    const collapsed = tf.ones<tf.Rank.R2>([4, 5]);
    near(value(redundancyReduction(tf, collapsed, collapsed, 0.5)), 5);
  });

  it('does not ask which view is the first', () => {
    const [z1, z2] = [matrix(rows('z1', 6, 3)), matrix(rows('z2', 6, 3))];
    near(value(redundancyReduction(tf, z2, z1, 0.1)), value(redundancyReduction(tf, z1, z2, 0.1)));
  });
});

describe('a loss written with constant targets on both sides', () => {
  onCpu();

  for (const [name, loss] of [
    ['nt-xent', (a: tf.Tensor2D, b: tf.Tensor2D) => ntXent(tf, a, b, 0.3)],
    ['redundancy-reduction', (a: tf.Tensor2D, b: tf.Tensor2D) => redundancyReduction(tf, a, b, 0.1)],
  ] as const)
    it(`has the value and the gradient of ${name}`, () => {
      const views = [matrix(rows('z1', 6, 3)), matrix(rows('z2', 6, 3))] as const;
      const targets = [tf.clone(views[0]), tf.clone(views[1])] as const;
      const direct = tf.valueAndGrads((a, b) => loss(a as tf.Tensor2D, b as tf.Tensor2D))([...views]);
      const split = tf.valueAndGrads((a, b) => bothSides(tf, loss, [a as tf.Tensor2D, b as tf.Tensor2D], targets))([
        ...views,
      ]);
      near(value(split.value), value(direct.value));
      direct.grads.forEach((gradient, view) => {
        const found = split.grads[view]!.dataSync();
        gradient.dataSync().forEach((expected, i) => near(found[i]!, expected));
      });
    });
});

function rows(name: string, count: number, dim: number): Rows {
  const source = random(1, name);
  return Array.from({ length: count }, () => Array.from({ length: dim }, () => source.normal()));
}

function matrix(values: Rows): tf.Tensor2D {
  return tf.tensor2d(values.map((row) => [...row]));
}

function unit(row: readonly number[]): readonly number[] {
  const norm = Math.hypot(...row);
  return row.map((x) => x / norm);
}

function standardized(all: Rows): Rows {
  const columns = all[0]!.map((_, j) => {
    const column = all.map((row) => row[j]!);
    const mean = sum(column) / column.length;
    const variance = sum(column.map((x) => (x - mean) ** 2)) / column.length;
    return column.map((x) => (x - mean) / Math.sqrt(variance + 1e-5));
  });
  return all.map((_, n) => columns.map((column) => column[n]!));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return sum(a.map((x, i) => x * b[i]!));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}

function value(tensor: tf.Tensor): number {
  return tensor.dataSync()[0]!;
}

function near(found: number, expected: number): void {
  const error = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
  assert.ok(error <= 2e-6, `${found} instead of ${expected}`);
}
