import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { negativeCosine } from '../../packages/plugins/src/losses/negative-cosine.js';
import { simsiam } from '../../packages/plugins/src/method/simsiam.js';
import { assertGolden, goldenRecipe, readGolden, type Golden } from '../golden/golden.js';
import { context, noContext, noValues, onCpu, toHost, toTensor } from './context.js';
import { readShapes } from './read-shapes.js';

interface Case {
  readonly name: string;
  readonly loss: number;
  readonly grads: { readonly [input: string]: Golden | null };
}

describe('method simsiam', () => {
  onCpu();

  it('is the golden loss of crossed views, with no gradient to the targets', async () => {
    const method = await simsiam.create({ dim: 16, predictorHidden: 8, predictorLr: 1 }, context);
    const golden = readGolden<{ cases: Case[] }>('d_losses.json').cases[0]!;
    const { shape } = golden.grads['p1']!;
    const input = (name: string): tf.Tensor => toTensor(goldenRecipe(`d/${name}`, shape));
    const [p1, p2, z1, z2] = ['p1', 'p2', 'z1', 'z2'].map(input) as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
    ];
    const online = { p: [p1, p2], z: [z1, z2] } as const;
    const loss = (): tf.Scalar => method.loss(online, method.targets(online, noContext));
    const { value, grads } = tf.engine().gradients(loss, [p1, p2, z1, z2], undefined, true);
    assert.ok(Math.abs(value.dataSync()[0]! - golden.loss) <= 1e-6);
    assertGolden(toHost(grads[0]!), golden.grads['p1']!, 1e-5, 'gradient of p1');
    assertGolden(toHost(grads[1]!), golden.grads['p2']!, 1e-5, 'gradient of p2');
    assert.deepEqual(grads.slice(2), [undefined, undefined]);
  });

  it('is -1 for parallel vectors, 1 for opposite ones, whatever their lengths', () => {
    const x = tf.tensor2d([
      [1, 2, 3],
      [0, -1, 4],
    ]);
    assert.ok(Math.abs(negativeCosine(tf, x, tf.mul(x, 7)).dataSync()[0]! + 1) < 1e-6);
    assert.ok(Math.abs(negativeCosine(tf, x, tf.mul(x, -0.1)).dataSync()[0]! - 1) < 1e-6);
  });

  it('encodes both views before it predicts', async () => {
    const method = await simsiam.create({ dim: 4, predictorHidden: 2, predictorLr: 1 }, context);
    const calls: string[] = [];
    const features = tf.zeros<tf.Rank.R2>([2, 4]);
    const images = tf.zeros<tf.Rank.R4>([2, 8, 8, 3]);
    method.online(
      {
        encode: () => (calls.push('encode'), features),
        head: (name) => (calls.push(name), features),
      },
      [images, images],
      noValues,
    );
    assert.deepEqual(calls, ['encode', 'encode', 'predictor', 'predictor']);
  });

  it('has the layers, parameters and sites of the official heads', async () => {
    const method = await simsiam.create({ dim: 2048, predictorHidden: 512, predictorLr: 1 }, context);
    const projector = readShapes(method.projector, [2, 512]);
    assert.deepEqual(projector.parameters, {
      '0.weight': [512, 2048],
      '1.weight': [2048],
      '1.bias': [2048],
      '3.weight': [2048, 2048],
      '4.weight': [2048],
      '4.bias': [2048],
      '6.weight': [2048, 2048],
      '6.bias': [2048],
    });
    assert.deepEqual(projector.frozen, ['6.bias']);
    assert.deepEqual(projector.batchNorms, ['1', '4', '7']);
    assert.deepEqual(projector.sites, ['0', '3', '6']);
    const predictor = readShapes(method.heads['predictor']!, [2, 2048]);
    assert.deepEqual(predictor.parameters, {
      '0.weight': [2048, 512],
      '1.weight': [512],
      '1.bias': [512],
      '3.weight': [512, 2048],
      '3.bias': [2048],
    });
    assert.deepEqual(predictor.sites, []);
  });
});
