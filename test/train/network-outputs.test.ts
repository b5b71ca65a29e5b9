import assert from 'node:assert/strict';
import { FLOAT, type Dataset, type Precision, type Split } from '@ssql/core';
import { networkOutputs, outputNetworks, trainingViews } from '../../packages/core/src/evaluate/network-outputs.js';
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
    const images = await trainingViews({ engine: engine(), views, dataset }, { seed: 1, batch: 4, count: 2 });
    assert.deepEqual(outputNetworks(model), ['encoder', 'predictor']);
    const networks = ['encoder', 'predictor'];
    const outputs = async (precision: Precision) =>
      networkOutputs({ engine: engine(), model }, state, { networks, precision, images });
    const float = await outputs(FLOAT);
    const distance = async (bits: number): Promise<number> => {
      const { predictor } = await outputs({ weights: bits, activations: bits });
      return Math.hypot(...predictor![0]!.map((value, i) => value - float['predictor']![0]![i]!));
    };
    assert.deepEqual([float['encoder']!.length, float['predictor']![1]!.length], [2, 4 * 16]);
    await assert.rejects(
      networkOutputs({ engine: engine(), model }, state, { networks: ['decoder'], precision: FLOAT, images }),
      { code: 'HEAD_UNKNOWN' },
    );
    assert.ok((await distance(16)) < 0.02);
    assert.ok((await distance(2)) > 0.2);
    assert.equal(engine().memory().tensors, before);
    engine().tf.dispose(state);
  });
});
