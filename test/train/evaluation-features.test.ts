import assert from 'node:assert/strict';
import { evaluationFeatures } from '../../packages/core/src/train/evaluation-features.js';
import { PREFIX } from '../golden/recipe.js';
import { inferenceCases, frozenImages } from '../parity/inference.js';
import { itIsOfficial } from '../parity/it-is-official.js';
import { onEngines } from './engines.js';
import { fresh, goldenParameter, microComposition, microModel, OFFICIAL_PINS, tensorsOf } from './micro.js';

onEngines('features of a frozen encoder', (engine) => {
  itIsOfficial('f_inference_micro.json', inferenceCases, engine);

  it('are computed once, and leave no tensor behind', async () => {
    const model = microModel(await microComposition(engine(), OFFICIAL_PINS));
    const before = engine().memory().tensors;
    const parameter = (one: Parameters<typeof goldenParameter>[1] & { readonly name: string }) =>
      goldenParameter(`param/encoder_q.${one.name}`, one);
    const state = tensorsOf(engine(), model.backboneDescription, parameter, fresh);
    const features = evaluationFeatures({
      ...frozenImages(4, { input: `${PREFIX}f/eval`, factor: 1 }),
      engine: engine(),
      model,
      state,
    });
    const precision = { weights: 4, activations: 4 };
    const { train, test } = await features.at(precision);
    assert.equal(train.dimension, 8);
    assert.equal(train.values.length, 4 * 8);
    assert.equal((await features.at(precision)).test, test, 'computed once');
    features.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    engine().tf.dispose(state);
    assert.equal(engine().memory().tensors, before);
  });
});
