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
});
