import assert from 'node:assert/strict';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { FLOAT, openEngine, type Dataset, type Precision, type Split } from '@ssql/core';
import { networkOutputs, outputNetworks, trainingViews } from '../../packages/core/src/evaluate/network-outputs.js';
import type { Tensors } from '../../packages/core/src/engine/engine.js';
import { viewsOf } from '../../packages/core/src/train/views.js';
import { byol } from '../../packages/plugins/src/method/byol.js';
import { onCpu } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';
import { onEngines } from './engines.js';
import { fresh, goldenParameter, microComposition, microInputs, microModel, officialName, tensorsOf } from './micro.js';

onEngines('outputs of views', (engine) => {
  it('are close to the float outputs at many bits, far at few bits, and leak no tensors', async () => {
    const composition = await microComposition(engine(), {});
    const model = microModel(composition);
    const { views, inputs } = microInputs(engine());
    engine().tf.dispose(inputs);
    const train: Split = {
      size: 4,
      labels: new Uint8Array(4),
      read: async (indexes) => new Uint8Array(indexes.length * 32 * 32 * 3),
    };
    const dataset = { shape: [32, 32, 3], train } as unknown as Dataset; // only these members are read
    const state = tensorsOf(
      engine(),
      model,
      (tensor) => goldenParameter(`param/${officialName(tensor.name)}`, tensor),
      fresh,
    );
    const before = engine().memory().tensors;
    const images = await trainingViews({ engine: engine(), views, dataset }, { seed: 1, batch: 4, count: 2, index: 0 });
    assert.deepEqual(outputNetworks(model), ['encoder', 'predictor']);
    const networks = ['encoder', 'predictor'];
    const progress = async (): Promise<void> => undefined;
    const observed = { engine: engine(), model, state, progress };
    const outputs = async (precisions: readonly Precision[]) =>
      networkOutputs(observed, { networks, precisions, images });
    const precisions = [FLOAT, { weights: 16, activations: 16 }, { weights: 2, activations: 2 }];
    const all = await outputs(precisions);
    assert.deepEqual([all[0]!['encoder']!.length, all[0]!['predictor']![1]!.length], [2, 4 * 16]);
    for (const [index, precision] of precisions.entries()) assert.deepEqual(await outputs([precision]), [all[index]]);
    const [float, many, few] = all.map(({ predictor }) => predictor![0]!);
    const distance = (other: Float32Array): number => Math.hypot(...other.map((value, i) => value - float![i]!));
    await assert.rejects(networkOutputs(observed, { networks: ['decoder'], precisions: [FLOAT], images }), {
      code: 'HEAD_UNKNOWN',
    });
    assert.ok(distance(many!) < 0.02);
    assert.ok(distance(few!) > 0.2);
    assert.equal(engine().memory().tensors, before);
    engine().tf.dispose(state);
  });

  it('of a momentum encoder are those of its weights, at every precision', async () => {
    const { tf } = engine();
    const composition = await microComposition(engine(), {});
    const options = { dim: 16, hidden: 16, layers: 3, lastNorm: true, predictorHidden: 8 };
    const model = microModel({ ...composition, method: await make(byol, options, { tf }) });
    assert.deepEqual(outputNetworks(model), ['encoder', 'predictor', 'momentum']);
    const follows = model.momentum!.parameters.map(({ name, follows }) => ({ ...follows, name }));
    const state = tensorsOf(
      engine(),
      {
        parameters: [...model.parameters, ...follows],
        statistics: [...model.statistics, ...model.momentum!.statistics],
      },
      // The last layer is another, so that outputs tell the encoders apart.
      (tensor) =>
        goldenParameter(
          tensor.name === 'momentum.projector.6.weight' ? 'other' : tensor.name.replace(/^momentum\./, ''),
          tensor,
        ),
      fresh,
    );
    const images = [0, 1].map((seed) => ({
      shape: [4, 32, 32, 3] as const,
      values: Float32Array.from({ length: 4 * 32 * 32 * 3 }, (_, i) => Math.sin(i * (seed + 1))),
    }));
    const outputs = async (changed: Tensors) =>
      networkOutputs(
        { engine: engine(), model, state: changed, progress: async () => undefined },
        { networks: ['encoder', 'momentum'], precisions: [FLOAT, { weights: 2, activations: 2 }], images },
      );
    const before = engine().memory().tensors;
    const [float, quantized] = await outputs(state);
    const copied = { ...state, 'projector.6.weight': state['momentum.projector.6.weight']! };
    assert.deepEqual(float!['momentum'], (await outputs(copied))[0]!['encoder']);
    assert.notDeepEqual(float!['momentum'], float!['encoder']);
    assert.deepEqual(quantized!['momentum'], float!['momentum']);
    assert.equal(engine().memory().tensors, before);
    tf.dispose(state);
  });
});

describe('views of training images', () => {
  onCpu();

  it('are of other images in each batch of a pass, and in another order in the next', async () => {
    const engine = await openEngine({ use: 'cpu' });
    const read: number[][] = [];
    const train = {
      size: 11,
      read: async (indexes: ArrayLike<number>) => {
        read.push(Array.from(indexes));
        return new Uint8Array(indexes.length);
      },
    };
    const epochs: number[] = [];
    const recipe = {
      shape: [1, 1, 1] as const,
      draws: 1,
      draw: ({ epoch }: { epoch: number }, samples: Uint32Array) => (
        epochs.push(epoch),
        new Float32Array(samples.length)
      ),
      apply: (images: Tensor4D) => images,
      evaluate: (images: Tensor4D) => images,
    };
    const parts = { engine, views: viewsOf([recipe], 2), dataset: { shape: [1, 1, 1], train } as unknown as Dataset };
    for (const index of [0, 1, 2, 3]) await trainingViews(parts, { seed: 1, batch: 5, count: 2, index });
    assert.equal(new Set([...read[0]!, ...read[1]!]).size, 10);
    assert.notDeepEqual([...read[2]!, ...read[3]!], [...read[0]!, ...read[1]!]);
    assert.deepEqual(epochs, [0, 0, 0, 0, 1, 1, 1, 1]);
  });
});
