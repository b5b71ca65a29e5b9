import assert from 'node:assert/strict';
import type { Engine, SsqlError } from '@ssql/core';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { initialState } from '../../packages/core/src/train/training-state.js';
import { simsiam } from '../../packages/plugins/src/method/simsiam.js';
import { sgd } from '../../packages/plugins/src/optimizer/sgd.js';
import { make } from '../plugins/make-plugin.js';
import { onEngines } from './engines.js';
import { microComposition, microInputs, microModel } from './micro.js';

onEngines("factors on the learning rates of a method's networks", (engine) => {
  it('give the same step as factors of the optimizer', async () => {
    const ofMethod = await weightsAfterStep(engine(), { predictorLr: 4 }, {});
    const ofOptimizer = await weightsAfterStep(engine(), {}, { lrScale: { 'predictor.*': 4 } });
    const without = await weightsAfterStep(engine(), {}, {});
    assert.deepEqual(ofMethod, ofOptimizer);
    const changed = Object.keys(without).filter((name) => without[name]!.join() !== ofMethod[name]!.join());
    assert.ok(changed.length > 0 && changed.every((name) => name.startsWith('predictor.')), changed.join());
  });

  it('must name existing networks', async () => {
    const composition = await microComposition(engine(), {});
    const method = { ...composition.method, learningRates: { predicter: 4 } };
    assert.throws(
      () => microModel({ ...composition, method }),
      (error: SsqlError) => error.code === 'HEAD_UNKNOWN' && error.details.hint === 'Did you mean `predictor`?',
    );
  });
});

async function weightsAfterStep(
  engine: Engine,
  method: { readonly predictorLr?: number },
  optimizer: { readonly lrScale?: { readonly [glob: string]: number } },
): Promise<{ readonly [name: string]: readonly number[] }> {
  const composition = {
    ...(await microComposition(engine, {})),
    method: await make(simsiam, { dim: 16, predictorHidden: 8, ...method }, engine),
    optimizer: await make(sgd, { lr: 0.05, ...optimizer }, engine),
  };
  const model = microModel(composition);
  const { views, inputs } = microInputs(engine);
  const state = initialState(engine, model, composition.optimizer, 1);
  const compiled = engine.compile(trainingStep({ engine, model, views, ...composition }), state, inputs);
  const { state: after, outputs } = compiled.run(state, inputs);
  const weights = Object.fromEntries(model.trained.map(({ name }) => [name, [...after[name]!.dataSync()]]));
  compiled.dispose();
  engine.tf.dispose([state, inputs, after, outputs]);
  return weights;
}
