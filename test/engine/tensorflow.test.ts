import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openEngine, type Engine, type Tensors } from '@ssql/core';
import { findLibrary } from '@ssql/core/run';
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

  it('turns a refusal of TensorFlow into a typed error that names the operation and the tfjs kernel, and frees all', () => {
    const { tf } = engine;
    const [values, index] = [tf.tensor1d([1, 2]), tf.tensor1d([7], 'int32')];
    tf.tidy(() => tf.add(values, tf.cast(index, 'float32')).dataSync());
    const before = engine.memory();
    const refused = (): unknown => tf.tidy(() => tf.gatherND(values, tf.reshape(index, [1, 1])));
    assert.throws(refused, {
      code: 'ENGINE_OPERATION_FAILED',
      message: /^GatherNd \(in the tfjs kernel GatherNd\): .*7/,
    });
    assert.deepEqual(engine.memory(), before);
    const step = (): { state: Tensors; outputs: Tensors } => ({
      state: {},
      outputs: { picked: tf.gatherND(values, tf.reshape(index, [1, 1])) },
    });
    const compiled = engine.compile(step, {}, {});
    const whileCompiled = engine.memory();
    assert.throws(() => compiled.run({}, {}), { code: 'ENGINE_OPERATION_FAILED' });
    assert.deepEqual(engine.memory(), whileCompiled);
    compiled.dispose();
    assert.throws(() => compiled.run({}, {}), { code: 'ENGINE_STEP_DISPOSED' });
    assert.deepEqual(engine.memory(), before);
    tf.dispose([values, index]);
  });

  it('refuses batch statistics of one value', () => {
    const { tf, ops } = engine;
    const normalize = (): unknown => tf.tidy(() => ops.batchNorm(tf.ones([1, 3]), tf.ones([3]), tf.zeros([3]), 1e-5).y);
    assert.throws(normalize, { code: 'BATCH_NORM_OF_ONE' });
  });

  it('is unchanged when a tensor born in a trace is used in the next one', () => {
    const { tf } = engine;
    const born = tf.tensor1d([1, 2, 3]);
    const other = tf.tensor1d([10, 10, 10]);
    const run = (): number[] => {
      const compiled = engine.compile(
        (state: Tensors, { x }: Tensors) => ({ state, outputs: { y: tf.mul(x!, born) } }),
        {},
        { x: other } as Tensors,
      );
      const x = tf.tensor1d([2, 2, 2]);
      const { outputs } = compiled.run({}, { x });
      const values = [...outputs['y']!.dataSync()];
      compiled.dispose();
      tf.dispose([x, outputs]);
      return values;
    };
    const constant = engine.compile(
      (state: Tensors, { x }: Tensors) => ({ state, outputs: { y: tf.add(x!, tf.tensor1d([5, 5, 5])) } }),
      {},
      { x: other } as Tensors,
    );
    assert.deepEqual(run(), [2, 4, 6]);
    assert.deepEqual(run(), [2, 4, 6]);
    assert.deepEqual([...constant.run({}, { x: other }).outputs['y']!.dataSync()], [15, 15, 15]);
    assert.deepEqual([...born.dataSync()], [1, 2, 3]);
    constant.dispose();
  });

  it('survives strided 1x1 convolutions of few channels with one thread, and its own end', () => {
    // In a process of its own: what goes wrong here is a corrupted heap or a crash after the last line.
    const script = `
      import { openEngine } from '@ssql/core';
      const engine = await openEngine({ use: 'tensorflow', threads: { intraOp: 1, interOp: 1 } });
      const { tf, ops } = engine;
      for (let round = 0; round < 20; round++) {
        for (let channels = 1; channels <= 16; channels++) {
          tf.tidy(() => {
            const loss = (filter) => tf.sum(tf.square(ops.conv2d(tf.ones([8, 9, 9, channels]), filter, { stride: 2, padding: 0 })));
            const gradient = tf.grad(loss)(tf.ones([1, 1, channels, 2 * channels]));
            const expected = 2 * channels * 8 * 25;
            if (gradient.dataSync().some((value) => value !== expected)) throw new Error('wrong gradient');
          });
        }
      }
      console.log('the end');`;
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    });
    assert.equal(stdout, 'the end\n', stderr);
    assert.deepEqual([status, signal], [0, null]);
  });

  it('holds no more native memory after many steps than after some, in turns of the event loop', async function () {
    this.timeout(60_000);
    const { tf } = engine;
    const bytes = 4 * 2 ** 20;
    const example = tf.zeros([bytes / 4]);
    const compiled = engine.compile((state: Tensors, { x }: Tensors) => ({ state, outputs: { y: tf.sum(x!) } }), {}, {
      x: example,
    } as Tensors);
    const resident = async (steps: number): Promise<number> => {
      for (let step = 0; step < steps; step++) {
        const x = tf.tensor1d(new Float32Array(bytes / 4).fill(step));
        const { outputs } = compiled.run({}, { x });
        assert.ok(outputs['y']!.dataSync()[0]! >= 0);
        tf.dispose([x, outputs]);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return process.memoryUsage.rss();
    };
    const settled = await resident(100);
    const later = await resident(200);
    // Kept, the inputs of 200 steps would be 800 MiB.
    assert.ok(later - settled < 50 * bytes, `${settled} bytes, then ${later}`);
    compiled.dispose();
    example.dispose();
  });
});
