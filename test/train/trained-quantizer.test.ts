import assert from 'node:assert/strict';
import type { Quantizer } from '@ssql/core';
import type { Engine, Tensors } from '../../packages/core/src/engine/engine.js';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { stepInputs } from '../../packages/core/src/train/step-inputs.js';
import { exportWeights, initialState, restoreState, storeState } from '../../packages/core/src/train/training-state.js';
import { viewsOf, type Views } from '../../packages/core/src/train/views.js';
import { recipe, toNhwc } from '../golden/recipe.js';
import { onEngines } from './engines.js';
import { microComposition, microModel } from './micro.js';

const SITE = 'quantizer.activations.layer1.0.conv2.factor';

onEngines('a quantizer with trained tensors', (engine) => {
  it('has them in the state, checkpoints and weights, except at sites pinned to float', async () => {
    const { model, optimizer } = await scaled(engine());
    const state = initialState(engine(), model, optimizer, 1);
    assert.deepEqual(state[SITE]!.shape, [2]);
    assert.deepEqual([...state[SITE]!.dataSync()], [1.5, 1.5]);
    assert.ok(state[`optimizer.momentum.${SITE}`]);
    assert.equal(state['quantizer.activations.conv1.factor'], undefined, 'it is pinned to float');
    assert.equal(state['quantizer.weights.conv1.factor'], undefined, 'its quantizer trains nothing');

    const stored = await storeState(state);
    const restored = restoreState(engine(), model, optimizer, stored);
    assert.deepEqual(Object.keys(restored).sort(), Object.keys(state).sort());
    assert.throws(
      () =>
        restoreState(
          engine(),
          model,
          optimizer,
          stored.filter(({ name }) => name !== SITE),
        ),
      { code: 'CHECKPOINT_MISMATCH' },
    );
    const exported = await exportWeights(model, state);
    assert.ok(exported.some(({ name }) => name === SITE));
    engine().tf.dispose([state, restored]);
  });

  it('gets their gradients, by finite differences, and the optimizer updates them', async () => {
    const { tf } = engine();
    const { model, composition, optimizer } = await scaled(engine());
    const views = twoImages(engine());
    const step = trainingStep({ engine: engine(), model, views, ...composition });
    const state = initialState(engine(), model, optimizer, 1);
    const inputs = stepInputs(engine(), views, 2, 0, {
      images: new Uint8Array(4 * 32 * 32 * 3),
      imageShape: [32, 32, 3],
      samples: Uint32Array.of(0, 1, 2, 3),
      epoch: 0,
      step: 0,
      learningRate: 0.5,
      precisions: [{ weights: 4, activations: 4 }],
    });
    const compiled = engine().compile(step, state, inputs);
    const lossAt = (factor: readonly number[]): number => {
      const moved: Tensors = { ...state, [SITE]: tf.tensor1d([...factor]) };
      const { state: next, outputs } = compiled.run(moved, inputs);
      const loss = outputs['loss']!.dataSync()[0]!;
      tf.dispose([moved[SITE]!, next, outputs]);
      return loss;
    };
    const { state: after, outputs } = compiled.run(state, inputs);
    const gradient = after[`optimizer.momentum.${SITE}`]!.dataSync();
    const moved = after[SITE]!.dataSync();
    const epsilon = 0.001;
    for (const channel of [0, 1]) {
      const shifted = (by: number): number[] => [1.5, 1.5].map((value, i) => (i === channel ? value + by : value));
      const expected = (lossAt(shifted(epsilon)) - lossAt(shifted(-epsilon))) / (2 * epsilon);
      assert.ok(Math.abs(expected) > 1e-4, 'the loss depends on it');
      assert.ok(
        Math.abs(gradient[channel]! - expected) < 0.02 * Math.abs(expected),
        `${gradient[channel]}: ${expected}`,
      );
      assert.ok(Math.abs(moved[channel]! - (1.5 - 0.5 * gradient[channel]!)) < 1e-5);
    }
    compiled.dispose();
    tf.dispose([state, inputs, after, outputs]);
  });
});

/** Multiplies outputs by a trained factor per channel: smooth, so that finite differences give the gradient. */
async function scaled(engine: Engine) {
  const { tf } = engine;
  const quantizer: Quantizer = {
    granularity: 'channel',
    trainables: (shape) => ({ factor: { shape: [shape.at(-1)!], initial: 1.5 } }),
    fakeQuantize: (x, _range, _bits, trained) => tf.mul(x, trained!['factor']!),
  };
  const base = await microComposition(engine, { conv1: { activations: 'float' } });
  const optimizer: typeof base.optimizer = {
    learningRate: 1,
    slots: ['momentum'],
    update: ({ value, gradient }, rate) => ({
      value: tf.sub(value, tf.mul(gradient, rate)),
      slots: [tf.clone(gradient)],
    }),
  };
  const composition = { ...base, optimizer, activations: { ...base.activations, quantizer } };
  return { composition, optimizer, model: microModel(composition) };
}

function twoImages({ tf }: Engine): Views {
  return viewsOf(
    [
      {
        shape: [32, 32, 3],
        draws: 32 * 32 * 3,
        draw: ({ view }) => toNhwc(recipe(`trained/${view}`, [4, 3, 32, 32], { scale: 2 })).values,
        apply: (images, drawn) => tf.reshape(drawn, images.shape),
        evaluate: (images) => images,
      },
    ],
    2,
  );
}
