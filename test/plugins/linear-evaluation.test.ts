import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { random, type Features, type RunStageContext, type ViewRequest } from '@ssql/core';
import { linearEvaluation } from '../../packages/plugins/src/stage/linear-evaluation.js';
import { descent, linearHeads } from '../../packages/plugins/src/stage/linear-heads.js';
import { drawMixing } from '../../packages/plugins/src/stage/mixing.js';
import { onCpu } from './context.js';
import { clouds } from './features.js';
import { makeRunStage } from './make-plugin.js';
import { stageRun } from './stage-run.js';

const NEAR = clouds({ train: 100, test: 31 }, 5, 0.1);
const MIRRORED = { ...NEAR, test: { ...NEAR.test, values: NEAR.test.values.map((value) => -value) } };

/** Runs the stage on features by image, at two precisions, the second wrong about test images. */
async function evaluate(options: object, seed = 1) {
  const run = await stageRun({}, 5, seed);
  const asked: { readonly epoch: number; readonly samples: readonly number[] }[] = [];
  const requests: ViewRequest[] = [];
  const tested: number[] = [];
  const rates: number[] = [];
  const steps: { readonly x: ArrayLike<number>; readonly targets: ArrayLike<number> }[] = [];
  const { engine } = run.context;
  const rows = ({ values, dimension }: Features, samples: Uint32Array): Tensor2D =>
    tf.tensor2d([...samples].map((sample) => [...values.subarray(sample * dimension, (sample + 1) * dimension)]));
  const context: RunStageContext = {
    ...run.context,
    engine: {
      ...engine,
      compile(step, state, inputs) {
        const compiled = engine.compile(step, state, inputs);
        return {
          ...compiled,
          run(state, inputs) {
            if (inputs['rate'] !== undefined) {
              rates.push(inputs['rate'].dataSync()[0]!);
              steps.push({ x: inputs['features.0']!.dataSync(), targets: inputs['targets']!.dataSync() });
            }
            return compiled.run(state, inputs);
          },
        };
      },
    },
    dataset: {
      ...run.context.dataset,
      train: { size: 100, labels: NEAR.train.labels!, read: () => assert.fail() },
      test: { size: 31, labels: NEAR.test.labels!, read: () => assert.fail() },
    },
    async viewFeatures(request) {
      requests.push(request);
      return {
        train: async (samples, epoch, change = (views) => views) => {
          asked.push({ epoch, samples: [...samples] });
          const { dimension } = NEAR.train;
          const views: Tensor4D = tf.reshape(rows(NEAR.train, samples), [samples.length, 1, 1, dimension]);
          const changed: Tensor2D = tf.reshape(change(views), [samples.length, dimension]);
          return [changed, tf.clone(changed)];
        },
        test: async (samples) => {
          tested.push(...samples);
          return [rows(NEAR.test, samples), rows(MIRRORED.test, samples)];
        },
        protocols: request.precisions.map(() => ({ train: 'a', test: 'b', calibration: { samples: 30 } })),
        dispose: () => undefined,
      };
    },
  };
  await (await makeRunStage(linearEvaluation, { precisions: ['float', 'w4a4'], ...options })).run(context);
  return { ...run, asked, requests, tested, rates, steps };
}

describe('linear-evaluation', () => {
  onCpu();

  it('trains on new views of all images in each epoch, in another order, and calibrates on the first batch', async () => {
    const { evaluations, asked, requests, tested } = await evaluate({ epochs: 3, batch: 30, lr: 0.1, augment: [] });
    assert.deepEqual(
      asked.map(({ epoch, samples }) => [epoch, samples.length]),
      [0, 0, 0, 1, 1, 1, 2, 2, 2].map((epoch) => [epoch, 30]),
    );
    const ofEpoch = (epoch: number): number[] =>
      asked.filter((batch) => batch.epoch === epoch).flatMap(({ samples }) => samples);
    for (const epoch of [0, 1, 2]) assert.equal(new Set(ofEpoch(epoch)).size, 90, 'no image twice in an epoch');
    assert.notDeepEqual(ofEpoch(0), ofEpoch(1));
    assert.deepEqual([...requests[0]!.calibrate], ofEpoch(0).slice(0, 30));
    assert.deepEqual(new Set(tested), new Set(Array.from({ length: 31 }, (_, index) => index)));
    const [float, quantized] = evaluations;
    assert.deepEqual(float, {
      stage: 'linear-evaluation',
      precision: 'float',
      classifier: 'matched',
      metric: 'accuracy',
      value: 100,
      protocol: { train: 'a', test: 'b', calibration: { samples: 30 } },
    });
    assert.ok(quantized!.value < 50, `test images are those of the precision: ${quantized!.value}`);
  });

  it('mixes views and their targets with those before them in the batch, by a share of each step', async () => {
    const options = { epochs: 2, batch: 50, lr: 0.5, augment: [] };
    const plain = await evaluate(options);
    const { steps, evaluations } = await evaluate({ ...options, mix: { how: 'mixup', alpha: 0.4 } });
    assert.equal(steps.length, 4);
    steps.forEach(({ x, targets }, index) => {
      const source = random(1, 'linear-evaluation mix', Math.floor(index / 2), index % 2);
      const { share } = drawMixing('mixup', 0.4, source, [1, 1]);
      for (const [mixed, whole] of [
        [x, plain.steps[index]!.x],
        [targets, plain.steps[index]!.targets],
      ] as const) {
        const width = whole.length / 50;
        for (let at = 0; at < whole.length; at++) {
          const before = at < width ? whole.length - width + at : at - width;
          assert.ok(Math.abs(mixed[at]! - (share * whole[at]! + (1 - share) * whole[before]!)) < 1e-5);
        }
      }
    });
    assert.ok(evaluations[0]!.value > 60, 'after four steps');
  });

  it('lowers the rate to a tenth at each milestone', async () => {
    const { rates } = await evaluate({ epochs: 5, batch: 50, lr: 0.5, milestones: [2, 4], augment: [] });
    const expected = [0.5, 0.5, 0.05, 0.05, 0.005].flatMap((rate) => [rate, rate]);
    assert.deepEqual(rates, [...Float32Array.from(expected)]);
  });

  it('lowers the rate after 60% and 80% of the epochs without milestones', async () => {
    const { rates } = await evaluate({ epochs: 10, batch: 100, lr: 0.5, augment: [] });
    const expected = [...Array(6).fill(0.5), 0.05, 0.05, 0.005, 0.005];
    assert.deepEqual(rates, [...Float32Array.from(expected)]);
  });

  it('refuses milestones that it does not reach', async () => {
    const refused = {
      code: 'OPTION_CONFLICT',
      message: /falls at epoch 5, but the classifier is trained for 5 epochs/,
    };
    await assert.rejects(evaluate({ epochs: 5, milestones: [2, 5], augment: [] }), refused);
  });

  it('shuffles by the seed', async () => {
    const orders = await Promise.all(
      [1, 1, 2].map(async (seed) => (await evaluate({ epochs: 1, batch: 30, lr: 0.1, augment: [] }, seed)).asked),
    );
    assert.deepEqual(orders[0], orders[1]);
    assert.notDeepEqual(orders[0], orders[2]);
  });

  it('says that its classifier diverged', async () => {
    await assert.rejects(evaluate({ epochs: 3, batch: 30, lr: 1e38, augment: [] }), { code: 'PROBE_DIVERGED' });
  });

  it('enlarges test images and crops their center', async () => {
    const { requests } = await evaluate({ epochs: 1, batch: 30, lr: 0.1, augment: [] });
    const step = requests[0]!.test[0]!.prepare([7, 14, 1]);
    assert.deepEqual(step.output, [7, 14, 1]);
    // A ramp of 7 x 14 pixels becomes one of 8 x 16: its center is 7/8 as steep.
    const ramp = tf.tensor4d(Array.from({ length: 98 }, (_, i) => i % 14), [1, 7, 14, 1]); // prettier-ignore
    const row = (await step.apply(ramp, tf.zeros([1, 0])).data()).slice(0, 14);
    for (const [index, value] of [...row].entries())
      assert.ok(Math.abs(value - (index + 1 + 0.5) * (7 / 8) + 0.5) < 1e-5, `${index}: ${value}`);
  });
});

describe('linear heads', () => {
  onCpu();

  it('descend by momentum, decay and the gradient of the mean cross-entropy', () => {
    const [dimension, classes, momentum, weightDecay] = [2, 3, 0.9, 0.1];
    const x = [[1, 2], [-1, 0.5], [0.5, -2], [2, 1]]; // prettier-ignore
    const labels = [0, 2, 2, 1];
    const targets = tf.tensor2d(labels.map((label) => [0, 1, 2].map((k) => Number(k === label))));
    const values = { w: [0.1, -0.2, 0.3, 0.4, 0, -0.1], b: [0.3, -0.1, 0.2] };
    let state: { readonly [name: string]: tf.Tensor } = {
      'weights.0': tf.tensor2d(values.w, [dimension, classes]),
      'bias.0': tf.tensor1d(values.b),
      'weights velocity.0': tf.zeros([dimension, classes]),
      'bias velocity.0': tf.zeros([classes]),
    };
    const velocity = { w: values.w.map(() => 0), b: values.b.map(() => 0) };
    const step = descent(tf, { heads: 1, dimension, classes, momentum, weightDecay, seed: 1 });
    for (const rate of [0.5, 0.5, 0.05]) {
      state = step(state, { 'features.0': tf.tensor2d(x), targets, rate: tf.scalar(rate) }).state;
      const gradient = { w: values.w.map(() => 0), b: values.b.map(() => 0) };
      for (const [n, row] of x.entries()) {
        const logits = values.b.map((b, k) => row.reduce((sum, v, d) => sum + v * values.w[d * classes + k]!, b));
        const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
        for (const [k, logit] of logits.entries()) {
          const error = (Math.exp(logit) / total - Number(labels[n] === k)) / x.length;
          gradient.b[k]! += error;
          for (const [d, v] of row.entries()) gradient.w[d * classes + k]! += v * error;
        }
      }
      for (const part of ['w', 'b'] as const)
        for (const i of values[part].keys()) {
          velocity[part][i] = momentum * velocity[part][i]! + gradient[part][i]! + weightDecay * values[part][i]!;
          values[part][i]! -= rate * velocity[part][i]!;
        }
      for (const [name, expected] of [
        ['weights.0', values.w],
        ['bias.0', values.b],
      ] as const)
        // prettier-ignore
        for (const [i, value] of state[name]!.dataSync().entries())
          assert.ok(Math.abs(value - expected[i]!) < 1e-5, `${name} ${i}: ${value}, not ${expected[i]}`);
    }
  });

  it('say which of them are finite', async () => {
    const { context } = await stageRun({}, 3);
    const heads = linearHeads(context.engine, { heads: 2, dimension: 1, classes: 2, momentum: 0, weightDecay: 0, seed: 1 }); // prettier-ignore
    const features = [[1], [Infinity]].map((values) => tf.tensor2d([values]));
    heads.train(features, Int32Array.of(0), 1);
    assert.deepEqual(await heads.finite(), [true, false]);
    heads.dispose();
    tf.dispose(features);
  });

  it('learn each on its own features', async () => {
    const { context } = await stageRun({}, 3);
    const settings = { heads: 2, dimension: 1, classes: 2, momentum: 0.5, weightDecay: 0.1, seed: 1 };
    const heads = linearHeads(context.engine, settings);
    const labels = Int32Array.of(0, 1);
    const features = [[[2], [-1]], [[-2], [1]]].map((values) => tf.tensor2d(values)); // prettier-ignore
    for (const rate of [0.5, 0.5, 0.05]) heads.train(features, labels, rate);
    // The head of mirrored features is the mirrored head: it decides otherwise about the same features, except by its bias.
    const far = tf.tensor2d([[9], [-9]]);
    const [first, second] = await heads.classify([far, far]);
    assert.deepEqual([[...Array.from(first!)], [...Array.from(second!)]], [[0, 1], [1, 0]]); // prettier-ignore
    assert.deepEqual(await heads.finite(), [true, true]);
    heads.dispose();
    tf.dispose([features, far]);
  });
});
