import assert from 'node:assert/strict';
import type { Optimizer } from '@ssql/core';
import { initialState } from '../../packages/core/src/train/training-state.js';
import { trainingStep } from '../../packages/core/src/train/step.js';
import type { HostTensor } from '../golden/recipe.js';
import { toHost } from '../plugins/context.js';
import { onEngines } from './engines.js';
import {
  fresh,
  goldenParameter,
  microComposition,
  microInputs,
  microModel,
  officialName,
  tensorsOf,
  TRAINING_PINS,
} from './micro.js';

onEngines('a training step', (engine) => {
  it('computes the same traced and eagerly, and leaks no tensors', async () => {
    const { tf } = engine();
    const composition = await microComposition(engine(), TRAINING_PINS);
    const model = microModel(composition);
    const { views, inputs } = microInputs(engine(), [{ weights: 8, activations: 8 }]);
    const state = tensorsOf(
      engine(),
      model,
      (tensor) => goldenParameter(`param/${officialName(tensor.name)}`, tensor),
      fresh,
    );
    const plain = {
      ...composition,
      optimizer: { ...composition.optimizer, slots: [], update: composition.optimizer.update },
    };
    const step = trainingStep({ engine: engine(), model, views, ...plain });
    const compiled = engine().compile(step, state, inputs);
    const before = engine().memory();
    const traced = compiled.run(state, inputs);
    const eager = tf.tidy(() => {
      const { state: next, outputs } = step(state, inputs);
      return { loss: tf.clone(outputs['loss']!), weight: tf.clone(next['conv1.weight']!) };
    });
    near(eager.loss.dataSync()[0]!, traced.outputs['loss']!.dataSync()[0]!, 1e-6, 'loss');
    near(norm(toHost(eager.weight)), norm(toHost(traced.state['conv1.weight']!)), 1e-5, 'weights');
    tf.dispose([traced.state, traced.outputs, eager]);
    assert.equal(engine().memory().tensors, before.tensors);
    compiled.dispose();
    tf.dispose([state, inputs]);
  });

  it('gives an optimizer the number of the step, slots of its shapes and all gradients at once', async () => {
    const { tf } = engine();
    const composition = await microComposition(engine(), TRAINING_PINS);
    const model = microModel(composition);
    const { views, inputs } = microInputs(engine());
    const optimizer: Optimizer = {
      learningRate: 1,
      slots: [{ name: 'count', shape: () => [], initial: 5 }],
      gradients: (all) => all.map(({ gradient }) => tf.onesLike(gradient)),
      update: ({ value, gradient, slots: [count] }, _rate, step) => ({
        value: tf.sub(value, gradient),
        slots: [tf.add(count!, step)],
      }),
    };
    const state = initialState(engine(), model, optimizer, 1);
    const compiled = engine().compile(
      trainingStep({ engine: engine(), model, views, ...composition, optimizer }),
      state,
      inputs,
    );
    const first = compiled.run(state, { ...inputs, step: tf.scalar(3) }).state;
    const second = compiled.run(first, { ...inputs, step: tf.scalar(4) }).state;
    assert.deepEqual(second['optimizer.count.conv1.weight']!.arraySync(), 12);
    const moved = tf.sub(state['conv1.weight']!, second['conv1.weight']!).dataSync();
    assert.ok(moved.every((value) => Math.abs(value - 2) < 1e-6));
    compiled.dispose();
    tf.dispose([state, first, second, inputs]);
  });
});

function norm({ values }: HostTensor): number {
  return Math.hypot(...values);
}

function near(actual: number, expected: number, tolerance: number, what: string): void {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(error <= tolerance, `${what}: ${actual} instead of ${expected}`);
}
