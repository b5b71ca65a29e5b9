import * as tf from '@tensorflow/tfjs-core';
import { openEagerEngine } from '../../packages/core/src/engine/eager-engine.js';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { assertClose, assertNothingLeaked, forwardAndGradients, values, type Compute } from './tensors.js';

interface Case {
  readonly compute: Compute;
  readonly inputs: () => tf.Tensor[];
  /** tfjs has no gradient for it. */
  readonly forwardOnly?: true;
}

const matrix = (): tf.Tensor => values([4, 5]);
const images = (): tf.Tensor => values([2, 5, 6, 3]);
const positive = (): tf.Tensor => tf.add(tf.abs(matrix()), 0.5);
const one = (compute: Compute, input = matrix): Case => ({ compute, inputs: () => [input()] });
const two = (compute: Compute, other: readonly number[] = [4, 5]): Case => ({
  compute,
  inputs: () => [matrix(), tf.add(values([...other] as [number], 2), 1.5)],
});
const only = ({ compute, inputs }: Case): Case => ({ compute, inputs, forwardOnly: true });
const floats = (x: tf.Tensor): tf.Tensor => tf.cast(x, 'float32');

const cases: Readonly<Record<string, Case>> = {
  conv2d: {
    compute: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 1),
    inputs: () => [images(), values([3, 3, 3, 2], 2)],
  },
  maxPool: one((x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 1), images),
  'maxPool, valid': one((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'), images),
  'maxPool, overlapping': one((x) => tf.maxPool(x as tf.Tensor4D, 3, 1, 'same'), images),
  depthwiseConv2d: {
    compute: (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'),
    inputs: () => [images(), values([3, 3, 3, 1], 2)],
  },
  'depthwiseConv2d, strided': {
    compute: (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'same'),
    inputs: () => [images(), values([3, 5, 3, 1], 2)],
  },
  'depthwiseConv2d, two filters a channel': {
    compute: (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'valid'),
    inputs: () => [images(), values([3, 3, 3, 2], 2)],
  },
  avgPool: one((x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 'valid'), images),
  'mean of an axis': one((x) => tf.mean(x!, 0)),
  'mean of inner axes': one((x) => tf.mean(x!, [1, 2]), images),
  'mean of all': one((x) => tf.mean(x!)),
  'mean, axes kept': one((x) => tf.mean(x!, [0, 1, 2], true), images),
  'sum of an axis': one((x) => tf.sum(x!, 1)),
  'sum of outer axes': one((x) => tf.sum(x!, [0, 2]), images),
  'max of all': one((x) => tf.max(x!)),
  'max of an axis': one((x) => tf.max(x!, 1)),
  'max of outer axes': one((x) => tf.max(x!, [0, 1, 2]), images),
  'min of all': one((x) => tf.min(x!)),
  'min of an axis': one((x) => tf.min(x!, 0, true)),
  abs: one((x) => tf.abs(x!)),
  round: one((x) => tf.round(tf.mul(x!, 10))),
  'round of halves': only({
    compute: (x) => tf.round(x!),
    inputs: () => [tf.tensor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5])],
  }),
  floor: one((x) => tf.floor(tf.mul(x!, 10))),
  ceil: one((x) => tf.ceil(tf.mul(x!, 10))),
  neg: one((x) => tf.neg(x!)),
  'add, broadcast': two((x, y) => tf.add(x!, y!), [5]),
  'sub, broadcast': two((x, y) => tf.sub(x!, y!), [4, 1]),
  'mul, broadcast': two((x, y) => tf.mul(x!, y!), [1, 5]),
  'mul by a scalar': two((x, y) => tf.mul(x!, y!), []),
  div: two((x, y) => tf.div(x!, y!)),
  'div, broadcast': two((x, y) => tf.div(x!, y!), [5]),
  minimum: two((x, y) => tf.minimum(x!, tf.sub(y!, 1.5))),
  maximum: two((x, y) => tf.maximum(x!, tf.sub(y!, 1.5))),
  clipByValue: one((x) => tf.clipByValue(x!, -0.5, 0.5)),
  equal: only(two((x, y) => floats(tf.equal(x!, y!)))),
  notEqual: only(one((x) => floats(tf.notEqual(tf.round(x!), 0)))),
  greater: only(two((x, y) => floats(tf.greater(x!, tf.sub(y!, 1.5))))),
  greaterEqual: only(one((x) => floats(tf.greaterEqual(tf.round(x!), 0)))),
  less: only(two((x, y) => floats(tf.less(x!, tf.sub(y!, 1.5))))),
  lessEqual: only(one((x) => floats(tf.lessEqual(tf.round(x!), 0)))),
  'logicalAnd, logicalNot': only(one((x) => floats(tf.logicalAnd(tf.less(x!, 0.5), tf.logicalNot(tf.less(x!, -0.5)))))),
  where: two((x, y) => tf.where(tf.greater(x!, 0), x!, y!)),
  'where, broadcast': two((x, y) => tf.where(tf.greater(x!, 0), x!, y!), [5]),
  'cast to int and back': only(one((x) => floats(tf.cast(tf.mul(x!, 10), 'int32')))),
  'cast of bool': only(one((x) => floats(tf.cast(tf.greater(x!, 0), 'int32')))),
  pad: one(
    (x) =>
      tf.pad(x!, [
        [0, 0],
        [1, 2],
        [2, 1],
        [0, 0],
      ]),
    images,
  ),
  mirrorPad: only(
    one(
      (x) =>
        tf.mirrorPad(
          x!,
          [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ],
          'reflect',
        ),
      images,
    ),
  ),
  matMul: two((x, y) => tf.matMul(x!, y!), [5, 3]),
  'matMul, first turned': two((x, y) => tf.matMul(x!, y!, true, false), [4, 3]),
  'matMul, second turned': two((x, y) => tf.matMul(x!, y!, false, true), [3, 5]),
  'matMul, both turned': two((x, y) => tf.matMul(x!, y!, true, true), [3, 4]),
  'matMul of batches': {
    compute: (x, y) => tf.matMul(x!, y!),
    inputs: () => [values([2, 3, 4]), values([2, 4, 5], 2)],
  },
  norm: one((x) => tf.norm(x!)),
  'norm of an axis': one((x) => tf.norm(x!, 2, 1, true)),
  softmax: one((x) => tf.softmax(x!)),
  logSoftmax: one((x) => tf.logSoftmax(x!)),
  logSumExp: one((x) => tf.logSumExp(x!, 1)),
  exp: one((x) => tf.exp(x!)),
  log: one((x) => tf.log(x!), positive),
  log1p: one((x) => tf.log1p(x!), positive),
  sqrt: one((x) => tf.sqrt(x!), positive),
  rsqrt: one((x) => tf.rsqrt(x!), positive),
  square: one((x) => tf.square(x!)),
  squaredDifference: two((x, y) => tf.squaredDifference(x!, y!)),
  reciprocal: one((x) => tf.reciprocal(x!), positive),
  sigmoid: one((x) => tf.sigmoid(x!)),
  tanh: one((x) => tf.tanh(x!)),
  softplus: one((x) => tf.softplus(x!)),
  relu: one((x) => tf.relu(x!)),
  relu6: one((x) => tf.relu6(tf.mul(x!, 10))),
  leakyRelu: one((x) => tf.leakyRelu(x!)),
  step: one((x) => tf.step(x!)),
  sign: one((x) => tf.sign(x!)),
  'sin and cos': one((x) => tf.add(tf.sin(x!), tf.cos(x!))),
  'pow of a scalar': one((x) => tf.pow(x!, 3)),
  'pow of a power': { compute: (x, y) => tf.pow(x!, y!), inputs: () => [positive(), values([4, 5], 2)] },
  'power of two': one((x) => tf.pow(tf.scalar(2), x!)),
  mod: one((x) => tf.mod(tf.mul(x!, 10), 3)),
  'gather rows': one((x) => tf.gather(x!, tf.tensor1d([2, 0, 2], 'int32'))),
  'gather of an inner axis': one((x) => tf.gather(x!, tf.tensor1d([1, 4, 4, 0], 'int32'), 1)),
  slice: one((x) => tf.slice(x!, [1, 0], [2, 3])),
  reverse: one((x) => tf.reverse(x!, [1, 2]), images),
  reshape: one((x) => tf.reshape(x!, [2, 10])),
  transpose: one((x) => tf.transpose(x!)),
  'transpose of four axes': one((x) => tf.transpose(x!, [3, 1, 2, 0]), images),
  stack: two((x, y) => tf.stack([x!, y!], 1)),
  unstack: one((x) => tf.mul(tf.unstack(x!, 1)[1]!, 2)),
  split: one((x) => tf.split(x!, [2, 3], 1)[1]!),
  concat: two((x, y) => tf.concat([x!, y!], 1), [4, 2]),
  tile: one((x) => tf.tile(x!, [2, 3])),
  broadcastTo: one((x) => tf.broadcastTo(x!, [3, 4, 5])),
  'expandDims, squeeze': one((x) => tf.squeeze(tf.expandDims(x!, 1))),
  cumsum: one((x) => tf.cumsum(x!, 1)),
  addN: two((x, y) => tf.addN([x!, y!, x!])),
  oneHot: only({
    compute: (x) => floats(tf.oneHot(x as tf.Tensor1D, 4)),
    inputs: () => [tf.tensor1d([3, 0, 1], 'int32')],
  }),
  'topk values': only(one((x) => tf.topk(x!, 3).values)),
  'topk indices': only(one((x) => floats(tf.topk(x!, 3).indices))),
  argMax: only(one((x) => floats(tf.argMax(x!, 1)))),
  resizeBilinear: only(one((x) => tf.image.resizeBilinear(x as tf.Tensor4D, [3, 4]), images)),
  'linspace, range': only(one((x) => tf.add(x!, tf.add(tf.linspace(0, 1, 5), tf.range(0, 5))))),
};

describe('kernels on wasm', () => {
  let wasm: Engine;
  let cpu: Engine;
  before(async () => {
    wasm = await openEagerEngine('wasm');
    cpu = await openEagerEngine('cpu');
  });
  after(() => {
    wasm.close();
    cpu.close();
  });

  // Not against the cpu backend, whose Transform is wrong from the second image on.
  it('transform: bilinear with zeros outside, each image by its own transform', async () => {
    await tf.setBackend('wasm');
    const transforms = [
      [0.9, 0.1, 0.3, -0.1, 1.1, 0.2, 0, 0],
      [1.2, -0.3, 1, 0.2, 0.7, -1, 0, 0],
    ];
    tf.tidy(() => {
      const batch = values<tf.Rank.R4>([2, 5, 6, 3]);
      const warped = tf.image.transform(batch, tf.tensor2d(transforms), 'bilinear', 'constant', 0, [4, 7]);
      assertClose(warped.dataSync(), warp(batch, transforms, 4, 7), 2e-6);
    });
  });

  it('maxPool: the gradient goes to the largest value of a window, also where none is positive', async () => {
    await tf.setBackend('wasm');
    tf.tidy(() => {
      const window = tf.tensor4d([-3, -2, -1, -4], [1, 2, 2, 1]);
      assertClose(
        tf
          .grad((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'))(window)
          .dataSync(),
        [0, 0, 1, 0],
        0,
      );
    });
  });

  for (const [name, { compute, inputs, forwardOnly }] of Object.entries(cases)) {
    it(`${name}: ${forwardOnly ? 'value' : 'value and gradients'} as on cpu`, async () => {
      const results: ArrayLike<number>[][] = [];
      for (const backend of ['wasm', 'cpu']) {
        await tf.setBackend(backend);
        assertNothingLeaked(() =>
          tf.tidy(() => {
            const given = inputs();
            results.push(forwardOnly ? [compute(...given).dataSync()] : forwardAndGradients(compute, given));
          }),
        );
      }
      const [found, expected] = results as [ArrayLike<number>[], ArrayLike<number>[]];
      found.forEach((array, i) => assertClose(array, expected[i]!, 2e-6, i === 0 ? 'value' : `gradient ${i}`));
    });
  }
});

/** Each output pixel at column u and row v from the four around (a0 u + a1 v + a2, b0 u + b1 v + b2). */
function warp(batch: tf.Tensor4D, transforms: readonly (readonly number[])[], height: number, width: number): number[] {
  const pixels = batch.arraySync();
  return transforms.flatMap(([a0, a1, a2, b0, b1, b2], n) =>
    Array.from({ length: height * width * batch.shape[3] }, (_, i) => {
      const c = i % batch.shape[3];
      const u = Math.floor(i / batch.shape[3]) % width;
      const v = Math.floor(i / batch.shape[3] / width);
      const [x, y] = [a0! * u + a1! * v + a2!, b0! * u + b1! * v + b2!];
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const at = (row: number, column: number): number =>
        (pixels[n]?.[row]?.[column]?.[c] ?? 0) * (1 - Math.abs(y - row)) * (1 - Math.abs(x - column));
      return at(top, left) + at(top, left + 1) + at(top + 1, left) + at(top + 1, left + 1);
    }),
  );
}
