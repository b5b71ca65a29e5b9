import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine, Tensors } from '../../packages/core/src/index.js';
import { openEngine } from '../../packages/core/src/index.js';

for (const name of ['wasm', 'cpu'] as const) {
  describe(`eager engine on ${name}`, () => {
    let engine: Engine;
    beforeEach(async () => {
      engine = await openEngine({ use: name });
    });
    afterEach(() => engine.close());

    it('says what it is', () => {
      assert.equal(engine.info.name, name);
      assert.equal(engine.info.version, '4.22.0');
      assert.ok(engine.info.threads.intraOp >= 1);
      assert.equal(tf.getBackend(), name);
    });

    it('returns tensors that the caller owns, and frees the others', () => {
      const state = { weight: tf.tensor([1, 2]), fixed: tf.tensor([3]) };
      const inputs = { x: tf.tensor([5, 6]) };
      const step = engine.compile(
        (old: typeof state, { x }: typeof inputs) => {
          const gradient = tf.grad((weight) => tf.sum(tf.square(tf.mul(weight, x))))(old.weight);
          return {
            state: { weight: tf.sub(old.weight, gradient), fixed: old.fixed },
            outputs: { gradient, same: gradient, x },
          };
        },
        state,
        inputs,
      );
      const before = engine.memory().tensors;
      const result = step.run(state, inputs);
      assert.equal(engine.memory().tensors, before + 5);
      assert.deepEqual([...result.outputs.gradient.dataSync()], [50, 144]);
      tf.dispose([state, inputs, result.outputs.gradient] as unknown as tf.Tensor[]);
      assert.deepEqual([...result.state.weight.dataSync()], [-49, -142]);
      assert.deepEqual([...result.state.fixed.dataSync()], [3]);
      assert.deepEqual([...result.outputs.same.dataSync()], [50, 144]);
      assert.deepEqual([...result.outputs.x.dataSync()], [5, 6]);
      tf.dispose([result.state, result.outputs] as unknown as tf.Tensor[]);
      assert.equal(engine.memory().tensors, before - 3);
      step.dispose();
    });

    for (const where of ['after the gradient', 'in the forward pass', 'in the backward pass'] as const) {
      it(`frees everything when the step throws ${where}`, () => {
        const state = { x: tf.tensor([1, 2]) };
        const broken = tf.customGrad((x) => ({
          value: tf.clone(x as tf.Tensor),
          gradFunc: (dy) => {
            if (where === 'in the backward pass') throw new Error('broken');
            return dy;
          },
        }));
        const step = engine.compile(
          ({ x }: typeof state) => {
            const gradient = tf.grad((w) => {
              const loss = tf.sum(tf.square(broken(tf.square(tf.exp(w)))));
              if (where === 'in the forward pass') throw new Error('broken');
              return loss;
            })(x);
            tf.mul(gradient, 2);
            throw new Error('broken');
          },
          state,
          {} as Tensors,
        );
        const before = engine.memory().tensors;
        assert.throws(() => step.run(state, {}), /broken/);
        assert.equal(engine.memory().tensors, before);
        assert.deepEqual(
          [
            ...tf
              .grad((x) => tf.sum(tf.square(x)))(state.x)
              .dataSync(),
          ],
          [2, 4],
        );
        state.x.dispose();
      });
    }

    it('opens again after it was closed, and leaves the listeners of the process alone', async () => {
      const listener = (): void => {};
      process.on('uncaughtException', listener);
      engine.close();
      engine = await openEngine({ use: name });
      assert.deepEqual([...tf.add(1, [2, 3]).dataSync()], [3, 4]);
      assert.ok(process.listeners('uncaughtException').includes(listener));
      process.off('uncaughtException', listener);
    });
  });
}
