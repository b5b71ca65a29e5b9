import assert from 'node:assert/strict';
import { findLibrary, openEngine, type Engine, type Tensors } from '@ssql/core';
import type { Scalar, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';

describe('the libtensorflow engine', function () {
  let engine: Engine;
  before(async function () {
    if (findLibrary() === undefined) {
      this.test!.title += ' (libtensorflow is not installed here: run `ssql engine install`)';
      return this.skip();
    }
    engine = await openEngine({ use: 'tensorflow', threads: { intraOp: 2, interOp: 2 } });
    return undefined;
  });
  after(() => engine?.close());

  const makeState = (): { state: Tensors; inputs: Tensors } => {
    const { tf } = engine;
    const state = {
      filter: tf.randomNormal([3, 3, 2, 4], 0, 1, 'float32', 1),
      gamma: tf.ones([4]),
      beta: tf.zeros([4]),
    };
    return { state, inputs: { x: tf.randomNormal([4, 8, 8, 2], 0, 1, 'float32', 2), rate: tf.scalar(0.1) } };
  };
  const step = (state: Tensors, inputs: Tensors): { state: Tensors; outputs: Tensors } => {
    const { tf, ops } = engine;
    const { value, grads } = tf.valueAndGrads((filter, gamma, beta) => {
      const convolved = ops.conv2d(inputs['x'] as Tensor4D, filter as Tensor4D, { stride: 2, padding: 1 });
      const { y } = ops.batchNorm(convolved, gamma as Tensor1D, beta as Tensor1D, 1e-5);
      return tf.mean(tf.square(ops.relu(y))) as Scalar;
    })([state['filter']!, state['gamma']!, state['beta']!]);
    const filter = tf.sub(state['filter']!, tf.mul(grads[0]!, inputs['rate']!));
    return { state: { ...state, filter }, outputs: { loss: value } };
  };

  it('computes the same step eagerly and compiled', () => {
    const { tf } = engine;
    const { state, inputs } = makeState();
    const eager = tf.tidy(() => step(state, inputs).state['filter']!.dataSync());
    const compiled = engine.compile(step, state, inputs);
    const result = compiled.run(state, inputs).state['filter']!.dataSync();
    result.forEach((value, index) => assert.ok(Math.abs(value - eager[index]!) < 1e-6));
    compiled.dispose();
  });

  it('names the read that cannot be traced, and keeps no handle of the failed trace', () => {
    const { state, inputs } = makeState();
    engine.tf.tidy(() => engine.tf.add(state['gamma']!, state['beta']!).dataSync());
    const read = (s: Tensors, i: Tensors): { state: Tensors; outputs: Tensors } => {
      i['x']!.dataSync();
      return { state: s, outputs: {} };
    };
    assert.throws(() => engine.compile(read, state, inputs), { code: 'ENGINE_UNTRACEABLE_READ' });
    const { handles } = engine.memory();
    assert.throws(() => engine.compile(read, state, inputs), { code: 'ENGINE_UNTRACEABLE_READ' });
    assert.equal(engine.memory().handles, handles);
  });

  it('leaves no tensor of an eager step behind', () => {
    const { tf } = engine;
    const { state, inputs } = makeState();
    tf.tidy(() => step(state, inputs).outputs['loss']!.dataSync());
    const before = engine.memory();
    tf.tidy(() => step(state, inputs).outputs['loss']!.dataSync());
    assert.deepEqual(engine.memory(), before);
  });

  it('turns a refusal of TensorFlow into a typed error that names the operation', () => {
    const { tf } = engine;
    assert.throws(() => tf.gather(tf.tensor1d([1, 2]), tf.tensor1d([7], 'int32')).dataSync(), /./);
  });
});
