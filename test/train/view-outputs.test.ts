import assert from 'node:assert/strict';
import { FLOAT, type Split } from '@ssql/core';
import type { PreparedRun } from '../../packages/core/src/run/prepared-run.js';
import { viewOutputs } from '../../packages/core/src/evaluate/network-outputs.js';
import { onEngines } from './engines.js';
import { fresh, goldenParameter, microComposition, microInputs, microModel, officialName, tensorsOf } from './micro.js';

onEngines('outputs of views', (engine) => {
  it('are near the float ones at many bits, far at few, and leave no tensor behind', async () => {
    const composition = await microComposition(engine(), {});
    const model = microModel(composition);
    const { views, inputs } = microInputs(engine());
    engine().tf.dispose(inputs);
    const train: Split = {
      size: 4,
      labels: new Uint8Array(4),
      read: async (indexes) => new Uint8Array(indexes.length * 32 * 32 * 3),
    };
    // It reads no more than these of a prepared run.
    const prepared = {
      engine: engine(),
      model,
      views,
      composition: { ...composition, dataset: { shape: [32, 32, 3], train } },
      cell: { pipeline: { seed: 1, train: { batch: 4 } } },
    } as unknown as PreparedRun;
    const state = tensorsOf(engine(), model, (one) => goldenParameter(`param/${officialName(one.name)}`, one), fresh);
    const before = engine().memory().tensors;
    const float = await viewOutputs(prepared, state, FLOAT);
    const distance = async (bits: number): Promise<number> => {
      const { predictions } = await viewOutputs(prepared, state, { weights: bits, activations: bits });
      return Math.hypot(...predictions[0]!.map((value, i) => value - float.predictions[0]![i]!));
    };
    assert.deepEqual([float.count, float.features.length, float.predictions[1]!.length], [4, 2, 4 * 16]);
    assert.ok((await distance(16)) < 0.02);
    assert.ok((await distance(2)) > 0.2);
    assert.equal(engine().memory().tensors, before);
    engine().tf.dispose(state);
  });
});
