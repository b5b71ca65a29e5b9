import assert from 'node:assert/strict';
import { parseEvaluationPrecision, type Engine, type EvaluationPrecision, type Split, type Tensors } from '@ssql/core';
import { evaluationFeatures } from '../../packages/core/src/evaluate/evaluation-features.js';
import { featureSteps } from '../../packages/core/src/evaluate/feature-steps.js';
import type { Model } from '../../packages/core/src/train/model.js';
import type { Recipe } from '../../packages/core/src/train/recipe.js';
import { viewsOf } from '../../packages/core/src/train/views.js';
import { mse } from '../../packages/plugins/src/observer/mse.js';
import { lsq } from '../../packages/plugins/src/quantizer/lsq.js';
import { assertClose } from '../engine/tensors.js';
import { inferenceCases, frozenImages } from '../parity/inference.js';
import { itIsOfficial } from '../parity/it-is-official.js';
import { make } from '../plugins/make-plugin.js';
import { onEngines } from './engines.js';
import {
  fresh,
  goldenParameter,
  microComposition,
  MICRO_IMAGES,
  microModel,
  OFFICIAL_PINS,
  tensorsOf,
  trainedState,
} from './micro.js';

onEngines('features of a frozen encoder', (engine) => {
  itIsOfficial('f_inference_micro.json', inferenceCases, engine);

  it('are computed once and leak no tensors', async () => {
    const model = microModel(await microComposition(engine(), OFFICIAL_PINS));
    const before = engine().memory().tensors;
    const parameter = (tensor: Parameters<typeof goldenParameter>[1] & { readonly name: string }) =>
      goldenParameter(`param/encoder_q.${tensor.name}`, tensor);
    const state = tensorsOf(engine(), model.backboneDescription, parameter, fresh);
    const features = evaluationFeatures({
      ...frozenImages(MICRO_IMAGES),
      engine: engine(),
      model,
      state,
    });
    const precision = { weights: 4, activations: 4 };
    const [first] = await features.at([precision]);
    const { train, test } = first!;
    assert.equal(train.dimension, 8);
    assert.equal(train.values.length, 4 * 8);
    assert.equal((await features.at([precision]))[0]!.test, test, 'computed once');
    features.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    engine().tf.dispose(state);
    assert.equal(engine().memory().tensors, before);
  });

  it('at several precisions come from one reading of the images, and equal those at each precision alone', async () => {
    const model = microModel(await microComposition(engine(), OFFICIAL_PINS));
    const state = trainedState(engine(), model);
    const before = engine().memory().tensors;
    const calibration = { samples: 4, batch: 2 };
    const frozen = { ...frozenImages(MICRO_IMAGES), calibration, engine: engine(), model, state };
    let reads = 0;
    const counted = (split: Split): Split => ({
      ...split,
      read(indexes) {
        reads++;
        return split.read(indexes);
      },
    });
    const { train, test } = frozen.dataset;
    const steps: { readonly done: number; readonly total: number; readonly tensors: number }[] = [];
    const features = evaluationFeatures({
      ...frozen,
      dataset: { ...frozen.dataset, train: counted(train), test: counted(test) },
      async progress(message, done, total) {
        if (message === 'features at 7 precisions') steps.push({ done, total, tensors: engine().memory().tensors });
      },
    });
    const texts = ['float', 'w8a8', 'w4a4', 'w2', 'a4', 'w3a3-folded', 'float-folded'];
    const precisions = texts.map((text) => parseEvaluationPrecision(text)!);
    const sets = await features.at(precisions);
    const batches = (train.size + test.size) / calibration.batch;
    const calibrating = 2 * (calibration.samples / calibration.batch); // as trained, and folded
    assert.equal(reads, calibrating + batches);
    assert.deepEqual(await features.at([precisions[2]!, precisions[2]!]), [sets[2], sets[2]]);
    assert.equal(reads, calibrating + batches, 'known features are not computed again');

    const total = texts.length * (train.size + test.size);
    const done = steps.map((step) => step.done);
    assert.deepEqual(
      done,
      [...new Set(done)].toSorted((a, b) => a - b),
      'progress goes up',
    );
    assert.deepEqual([done.at(-1), ...new Set(steps.map((step) => step.total))], [total, total]);
    const afterBatches = steps.filter((step) => step.done % (total / batches) === 0).map((step) => step.tensors);
    assert.deepEqual(afterBatches, Array(batches).fill(afterBatches[0]), 'no tensors of earlier batches are kept');
    features.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(engine().memory().tensors, before);

    for (const [index, precision] of precisions.entries()) {
      const alone = evaluationFeatures(frozen);
      assert.deepEqual(await alone.at([precision]), [sets[index]], texts[index]);
      alone.dispose();
    }
    await new Promise((resolve) => setImmediate(resolve));
    engine().tf.dispose(state);
  });

  it('are refused where they are not finite', async () => {
    const { tf } = engine();
    const model = microModel(await microComposition(engine(), OFFICIAL_PINS));
    const { weights } = model.quantization;
    const quantizer: typeof weights.quantizer = {
      ...weights.quantizer,
      // Not a number at 2 bits.
      fakeQuantize: (x, _, bits) => tf.mul(x, tf.where(tf.equal(bits, 2), NaN, 1)),
    };
    const broken = { ...model, quantization: { ...model.quantization, weights: { ...weights, quantizer } } };
    const state = trainedState(engine(), model);
    const features = evaluationFeatures({ ...frozenImages(MICRO_IMAGES), engine: engine(), model: broken, state });
    assert.equal((await features.at([{ weights: 3, activations: 'float' }])).length, 1);
    await assert.rejects(features.at([{ weights: 2, activations: 'float' }]), {
      code: 'FEATURES_NOT_FINITE',
      message: 'At w2, the features of image 0 of the training split are not finite.',
    });
    features.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    tf.dispose(state);
  });

  it('free their tensors if the run is stopped', async () => {
    const model = microModel(await microComposition(engine(), OFFICIAL_PINS));
    const state = trainedState(engine(), model);
    const before = engine().memory().tensors;
    const stopped = new Error('stopped');
    const features = evaluationFeatures({
      ...frozenImages(MICRO_IMAGES),
      engine: engine(),
      model,
      state,
      async progress(message, done) {
        if (message.startsWith('features') && done > 2) throw stopped;
      },
    });
    const precisions = ['w8a8', 'w4a4', 'w2a2'].map((text) => parseEvaluationPrecision(text)!);
    await assert.rejects(features.at(precisions), stopped);
    features.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(engine().memory().tensors, before);
    engine().tf.dispose(state);
  });

  it('reuse compiled steps for other weights', async () => {
    let compiled = 0;
    const counting: Engine = {
      ...engine(),
      compile(...parts) {
        compiled++;
        return engine().compile(...parts);
      },
    };
    const model = microModel(await microComposition(counting, OFFICIAL_PINS));
    const frozen = { ...frozenImages(MICRO_IMAGES), engine: counting, model };
    const before = engine().memory().tensors;
    const steps = featureSteps(frozen);
    const read = async (weights: string, shared?: typeof steps): Promise<readonly Float32Array[]> => {
      const state = tensorsOf(counting, model.backboneDescription, (tensor) => goldenParameter(weights, tensor), fresh);
      const features = evaluationFeatures({ ...frozen, state, steps: shared });
      const [sets] = await features.at([{ weights: 4, activations: 4 }]);
      features.dispose();
      await new Promise((resolve) => setImmediate(resolve));
      engine().tf.dispose(state);
      return [sets!.train.values, sets!.test.values];
    };
    const first = await read('param/a', steps);
    const second = await read('param/b', steps);
    assert.equal(compiled, 2, 'one step prepares images, one extracts features');
    assert.deepEqual([await read('param/a'), await read('param/b')], [first, second]);
    assert.equal(compiled, 6);
    assert.notDeepEqual(first, second);
    steps.dispose();
    assert.equal(engine().memory().tensors, before);
  });

  it('of views come from these views of whole images, calibrated on one batch of them', async () => {
    const { tf } = engine();
    const model = microModel(await microComposition(engine(), OFFICIAL_PINS));
    const state = trainedState(engine(), model);
    const before = engine().memory().tensors;
    const frozen = { ...frozenImages(MICRO_IMAGES), engine: engine(), model, state };
    // Training views are brighter by a quarter and the number of the epoch, test images are as they are.
    const brighter = (brightness: number): Recipe => ({
      shape: [32, 32, 3],
      draws: 0,
      draw: () => new Float32Array(0),
      apply: (images) => images,
      evaluate: (images) => tf.add(images, brightness),
    });
    const drawn: { readonly view: number; readonly epoch: number }[] = [];
    const sizesOf = (samples: ArrayLike<number>): Uint16Array =>
      Uint16Array.from(Array.from(samples).flatMap((sample) => [sample + 1, 32]));
    const random: Recipe = {
      shape: [32, 32, 3],
      draws: 1,
      crops: true,
      draw({ view, epoch }, samples, sizes) {
        assert.deepEqual(sizes, sizesOf(samples));
        drawn.push({ view, epoch });
        return new Float32Array(samples.length).fill(epoch + 0.25);
      },
      apply: (images, numbers) => tf.add(images, tf.reshape(numbers, [images.shape[0], 1, 1, 1])),
      evaluate: (images) => images,
    };
    const train = [{ prepare: () => assert.fail('the recipe stands for it') }];
    const count = 3;
    const epochs = viewsOf([random], count, (steps) => (steps === train ? random : brighter(0)));
    const whole: Split = {
      ...frozen.dataset.train,
      read: () => assert.fail('the recipe crops'),
      readWhole: async (indexes) => ({ pixels: await frozen.dataset.train.read(indexes), sizes: sizesOf(indexes) }),
    };
    const features = evaluationFeatures({ ...frozen, dataset: { ...frozen.dataset, train: whole }, views: epochs });
    const precisions = ['float', 'w4a4', 'w4a4-folded'].map((text) => parseEvaluationPrecision(text)!);
    const samples = Uint32Array.of(2, 0);
    const views = await features.ofViews({ precisions, train, test: [], calibrate: Uint32Array.of(0, 1, 2, 3) });
    const [first, later, test] = [
      await views.train(samples, 0),
      await views.train(samples, 1),
      await views.test(samples),
    ];
    assert.deepEqual(new Set(drawn.map(({ view }) => view)), new Set([count]), 'the numbers are not those of training');
    const plain = async (brightness: number) => {
      const expected = evaluationFeatures({ ...frozen, views: viewsOf([brighter(brightness)], count) });
      const sets = await expected.at(precisions);
      expected.dispose();
      return sets;
    };
    const [ofTrain, ofTest] = [await plain(0.25), await plain(0)];
    for (const [index, precision] of precisions.entries()) {
      const rows = ({ values, dimension }: (typeof ofTest)[number]['train']) =>
        [...samples].flatMap((sample) => [...values.subarray(sample * dimension, (sample + 1) * dimension)]);
      assertClose(await first[index]!.data(), rows(ofTrain[index]!.train), 1e-5, 'training views of epoch 0');
      assert.notDeepEqual(await later[index]!.data(), await first[index]!.data(), 'another epoch has other views');
      // Activations of test images are quantized as training views calibrated them.
      if (precision.activations === 'float')
        assertClose(await test[index]!.data(), rows(ofTest[index]!.test), 1e-5, 'test images');
      else assert.notDeepEqual([...(await test[index]!.data())], rows(ofTest[index]!.test));
    }
    assert.deepEqual(views.protocols, [
      { train: 'train', test: 'test' },
      { train: 'train', test: 'test', calibration: { samples: 4 } },
      { train: 'train', test: 'test', calibration: { samples: 4 } },
    ]);
    tf.dispose([[...first], [...later], [...test]]);
    views.dispose();
    features.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(engine().memory().tensors, before);
    tf.dispose(state);
  });

  it('in a calibration come from its quantizers, observers and images', async () => {
    const { tf } = engine();
    const composition = await microComposition(engine(), OFFICIAL_PINS);
    const { weights, activations } = composition;
    const observer = await make<'observer'>(mse, {}, { tf });
    const model = microModel(composition);
    const clipping = microModel({
      ...composition,
      weights: { ...weights, observer },
      activations: { ...activations, observer },
    });
    const state = trainedState(engine(), model);
    const before = engine().memory().tensors;
    const frozen = { ...frozenImages(MICRO_IMAGES), engine: engine(), state };
    const { calibration } = frozen;
    const features = evaluationFeatures({
      ...frozen,
      model,
      calibrations: [
        { ...calibration, weights, activations },
        { ...calibration, name: 'mse', weights: { ...weights, observer }, activations: { ...activations, observer } },
        { ...calibration, name: 'half', samples: 2, weights, activations },
      ],
    });
    const at = (precisions: readonly string[], from = features) =>
      from.at(precisions.map((text) => parseEvaluationPrecision(text)!));
    const all = ['float', 'w3a3', 'w3a3@mse', 'w3a3@half', 'w3a3-folded@mse'];
    const [float, plain, better, half, folded] = await at(all);

    const plainly = evaluationFeatures({ ...frozen, model });
    const clipped = evaluationFeatures({ ...frozen, model: clipping });
    const halved = evaluationFeatures({ ...frozen, model, calibration: { ...calibration, samples: 2 } });
    assert.deepEqual([float, plain], await at(['float', 'w3a3'], plainly));
    assert.deepEqual([better, folded], await at(['w3a3', 'w3a3-folded'], clipped));
    assert.deepEqual([half], await at(['w3a3'], halved));
    assert.notDeepEqual(better, plain);
    assert.notDeepEqual(half, plain);
    await assert.rejects(at(['w3a3@msd']), { code: 'CALIBRATION_UNKNOWN' });
    for (const each of [features, plainly, clipped, halved]) each.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(engine().memory().tensors, before);
    tf.dispose(state);
  });

  it('in a calibration use what a quantizer trained only with that quantizer', async () => {
    const { tf } = engine();
    const composition = await microComposition(engine(), {});
    const { weights, activations } = composition;
    const [quantizer, another] = [await make<'quantizer'>(lsq, {}, { tf }), await make<'quantizer'>(lsq, {}, { tf })];
    const model = microModel({ ...composition, weights: { ...weights, quantizer } });
    const state = trainedState(engine(), model);
    const steps = model.quantizerParameters.filter(({ operand }) => operand === 'weights');
    const trained = Object.fromEntries(steps.map(({ name, shape }) => [name, tf.fill([...shape], 0.37)]));
    const featuresOf = async (state: Tensors, name: string): Promise<Float32Array> => {
      const frozen = { ...frozenImages(MICRO_IMAGES), engine: engine(), model, state };
      const { calibration } = frozen;
      const calibrations = [
        { ...calibration, name: 'same', weights: { ...weights, quantizer }, activations },
        { ...calibration, name: 'other', weights: { ...weights, quantizer: another }, activations },
      ];
      const features = evaluationFeatures({ ...frozen, calibrations });
      const [sets] = await features.at([parseEvaluationPrecision(`w4@${name}`)!]);
      features.dispose();
      return sets!.test.values;
    };
    const untrained = await featuresOf(state, 'same');
    assert.notDeepEqual(await featuresOf({ ...state, ...trained }, 'same'), untrained);
    assert.deepEqual(await featuresOf({ ...state, ...trained }, 'other'), untrained);
    tf.dispose([state, trained]);
  });

  it('at a folded precision come from quantized folded weights', async () => {
    const model = microModel(await microComposition(engine(), {}));
    const before = engine().memory().tensors;
    const state = trainedState(engine(), model);
    const float = await featuresAt(engine(), model, state, { weights: 'float', activations: 'float' });
    const folded = await featuresAt(engine(), model, state, { weights: 'float', activations: 'float', folded: true });
    assertClose(folded, float, 1e-5, 'float-folded and float');

    // By definition: batch norms that only shift, after weights that were folded and rounded on the host.
    const host: Tensors = byHand(engine(), state, 4);
    const expected = await featuresAt(engine(), model, host, { weights: 'float', activations: 'float' });
    const actual = await featuresAt(engine(), model, state, { weights: 4, activations: 'float', folded: true });
    assertClose(actual, expected, 1e-5, 'w4-folded');
    const plain = await featuresAt(engine(), model, state, { weights: 4, activations: 'float' });
    assert.ok(
      actual.some((value, i) => Math.abs(value - plain[i]!) > 1e-3),
      'folding changes what is rounded',
    );

    // The float outputs are equal, so their ranges are too.
    const a8 = await featuresAt(engine(), model, state, { weights: 'float', activations: 8, folded: true });
    assertClose(a8, await featuresAt(engine(), model, state, { weights: 'float', activations: 8 }), 0.01, 'a8-folded');
    engine().tf.dispose([state, host]);
    assert.equal(engine().memory().tensors, before, 'tensors are left');
  });

  it('at a folded precision initialize again what a quantizer trained at weights', async () => {
    const { tf } = engine();
    const composition = await microComposition(engine(), {});
    const quantizer = await make<'quantizer'>(lsq, {}, { tf });
    const model = microModel({ ...composition, weights: { ...composition.weights, quantizer } });
    const state = trainedState(engine(), model);
    const steps = model.quantizerParameters.filter(({ operand }) => operand === 'weights');
    assert.ok(steps.length > 0);
    const trained = Object.fromEntries(steps.map(({ name, shape }) => [name, tf.fill([...shape], 0.37)]));
    const at = (state: Tensors, folded: boolean) => featuresAt(engine(), model, state, { weights: 4, activations: 'float', folded }); // prettier-ignore
    assert.deepEqual(await at({ ...state, ...trained }, true), await at(state, true));
    assert.notDeepEqual(await at({ ...state, ...trained }, false), await at(state, false));
    tf.dispose([state, trained]);
  });
});

async function featuresAt(
  engine: Engine,
  model: Model,
  state: Tensors,
  precision: EvaluationPrecision,
): Promise<Float32Array> {
  const images = frozenImages(MICRO_IMAGES);
  const features = evaluationFeatures({ ...images, engine, model, state });
  try {
    return (await features.at([precision]))[0]!.test.values;
  } finally {
    features.dispose();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The state with each convolution's weight folded with the norm of its name and rounded to symmetric codes, one scale per channel. */
function byHand({ tf }: Engine, state: Tensors, bits: number): Tensors {
  const numbers = Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, tensor.dataSync().slice()]));
  for (const name of Object.keys(numbers).filter((key) => /conv\d\.weight$|downsample\.0\.weight$/.test(key))) {
    const norm = name
      .replace(/\.weight$/, '')
      .replace('conv', 'bn')
      .replace('downsample.0', 'downsample.1');
    const [mean, variance, beta] = ['running_mean', 'running_var', 'bias'].map((part) => numbers[`${norm}.${part}`]!);
    const scale = numbers[`${norm}.weight`]!.map((gamma, i) => gamma / Math.sqrt(variance![i]! + 1e-5));
    const channels = scale.length;
    const folded = numbers[name]!.map((value, i) => value * scale[i % channels]!);
    const step = scale.map((_, channel) => {
      const ofChannel = folded.filter((_, i) => i % channels === channel);
      return Math.max(...ofChannel.map(Math.abs)) / ((2 ** bits - 1) / 2);
    });
    numbers[name] = folded.map((value, i) => {
      const code = halfToEven(Math.fround(value / step[i % channels]!));
      return Math.min(2 ** (bits - 1) - 1, Math.max(-(2 ** (bits - 1)), code)) * step[i % channels]!;
    });
    numbers[`${norm}.bias`] = beta!.map((shift, i) => shift - mean![i]! * scale[i]!);
    numbers[`${norm}.weight`]!.fill(1);
    mean!.fill(0);
    variance!.fill(1 - 1e-5);
  }
  return Object.fromEntries(
    Object.entries(numbers).map(([name, values]) => [name, tf.tensor(values, state[name]!.shape)]),
  );
}

function halfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
