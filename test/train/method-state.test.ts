import assert from 'node:assert/strict';
import type { Engine, Tensors } from '@ssql/core';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { exportWeights, initialState, restoreState, storeState } from '../../packages/core/src/train/training-state.js';
import { moco } from '../../packages/plugins/src/method/moco.js';
import { none } from '../../packages/plugins/src/wrapper/none.js';
import { make } from '../plugins/make-plugin.js';
import { onEngines } from './engines.js';
import { microComposition, microInputs, microModel } from './micro.js';

onEngines('the persistent state of a method', (engine) => {
  it('starts as a copy and from the seed, and is in checkpoints but not in the weights', async () => {
    const { tf } = engine();
    const { model, optimizer } = await withMoco(engine());
    const state = initialState(engine(), model, optimizer, 1);
    assert.deepEqual(state['momentum.conv1.weight']!.dataSync(), state['conv1.weight']!.dataSync());
    assert.deepEqual(state['memory.queue']!.shape, [8, 16]);
    const again = initialState(engine(), model, optimizer, 1);
    const other = initialState(engine(), model, optimizer, 2);
    assert.deepEqual(again['memory.queue']!.dataSync(), state['memory.queue']!.dataSync());
    assert.notDeepEqual(other['memory.queue']!.dataSync(), state['memory.queue']!.dataSync());

    const stored = await storeState(state);
    const restored = restoreState(engine(), model, optimizer, stored);
    assert.deepEqual(Object.keys(restored).sort(), Object.keys(state).sort());
    const without = stored.filter(({ name }) => name !== 'memory.queue');
    assert.throws(() => restoreState(engine(), model, optimizer, without), { code: 'CHECKPOINT_MISMATCH' });
    const weights = await exportWeights(model, state);
    assert.ok(weights.every(({ name }) => !/^(momentum|memory)\./.test(name)));
    tf.dispose([state, again, other, restored]);
  });

  it('continues from a restored state as without interruption', async () => {
    const { tf } = engine();
    const composition = await withMoco(engine());
    const { model, optimizer } = composition;
    const { views, inputs: withoutMomentum } = microInputs(engine(), []);
    const inputs = { ...withoutMomentum, momentum: tf.scalar(0.9) };
    const begun = initialState(engine(), model, optimizer, 1);
    const compiled = engine().compile(trainingStep({ ...composition, views }), begun, inputs);
    const { state: first } = compiled.run(begun, inputs);
    const restored = restoreState(engine(), model, optimizer, await storeState(first));
    const [went, resumed] = [compiled.run(first, inputs).state, compiled.run(restored, inputs).state];
    for (const [name, tensor] of Object.entries(went)) assert.deepEqual(resumed[name]!.dataSync(), tensor.dataSync());
    assert.notDeepEqual(went['momentum.conv1.weight']!.dataSync(), first['momentum.conv1.weight']!.dataSync());
    compiled.dispose();
  });

  it('must match the declarations of the method', async () => {
    const composition = await withMoco(engine());
    const { views, inputs } = microInputs(engine(), []);
    const { method } = composition;
    const { momentum: _momentum, ...withoutMomentum } = method;
    const nextMemory = (): Tensors => ({ queue: inputs['learningRate']! });
    const rename = (): Tensors => ({ keys: inputs['learningRate']! });
    for (const [broken, message] of [
      [withoutMomentum, /uses a momentum encoder but declares no `momentum`/],
      [{ ...method, nextMemory }, /`queue` is \[8,16\] in `memory` and \[\] after a step/],
      [{ ...method, nextMemory: rename }, /`nextMemory` returns `keys`, which `memory` does not declare/],
    ] as const) {
      const model = microModel({ ...composition, method: broken });
      const state = initialState(engine(), model, composition.optimizer, 1);
      const step = trainingStep({ ...composition, model, method: broken, views });
      const withMomentum = { ...inputs, momentum: engine().tf.scalar(0.9) };
      assert.throws(() => engine().tf.tidy(() => step(state, withMomentum).outputs), {
        code: 'METHOD_STATE_INVALID',
        message,
      });
    }
  });
});

async function withMoco(engine: Engine) {
  const composition = {
    ...(await microComposition(engine, {})),
    method: await make(moco, { dim: 16, hidden: 8, queue: 8 }, engine),
    wrapper: await make(none, {}, engine),
  };
  return { ...composition, engine, model: microModel(composition) };
}
