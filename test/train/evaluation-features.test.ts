import assert from 'node:assert/strict';
import type { Engine } from '@ssql/core';
import { evaluationFeatures } from '../../packages/core/src/train/evaluation-features.js';
import { featureSteps } from '../../packages/core/src/train/feature-steps.js';
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

  it('of other weights are computed by the same steps, compiled once', async () => {
    let compiled = 0;
    const counting: Engine = {
      ...engine(),
      compile(...given) {
        compiled++;
        return engine().compile(...given);
      },
    };
    const model = microModel(await microComposition(counting, OFFICIAL_PINS));
    const frozen = { ...frozenImages(4, { input: `${PREFIX}f/eval`, factor: 1 }), engine: counting, model };
    const before = engine().memory().tensors;
    const steps = featureSteps(frozen);
    const read = async (weights: string, shared?: typeof steps): Promise<readonly Float32Array[]> => {
      const state = tensorsOf(counting, model.backboneDescription, (one) => goldenParameter(weights, one), fresh);
      const features = evaluationFeatures({ ...frozen, state, steps: shared });
      const { train, test } = await features.at({ weights: 4, activations: 4 });
      features.dispose();
      await new Promise((resolve) => setImmediate(resolve));
      engine().tf.dispose(state);
      return [train.values, test.values];
    };
    const first = await read('param/a', steps);
    const second = await read('param/b', steps);
    assert.equal(compiled, 1);
    assert.deepEqual([await read('param/a'), await read('param/b')], [first, second]);
    assert.equal(compiled, 3);
    assert.notDeepEqual(first, second);
    steps.dispose();
    assert.equal(engine().memory().tensors, before);
  });
});
