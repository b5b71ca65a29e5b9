import assert from 'node:assert/strict';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine, Precision } from '@ssql/core';
import { switchableSandwich } from '../../examples/ssql-plugin-switchable-sandwich/src/index.js';
import type { Composition } from '../../packages/core/src/container/composition.js';
import { featureSteps } from '../../packages/core/src/evaluate/feature-steps.js';
import { foldedBackbone } from '../../packages/core/src/evaluate/folded-backbone.js';
import { frozenBackbone, type FrozenBackbone } from '../../packages/core/src/evaluate/frozen-backbone.js';
import { trainedEncoder } from '../../packages/core/src/evaluate/trained-encoder.js';
import { batchNormsAt, batchNormSets } from '../../packages/core/src/train/batch-norms.js';
import { assembleModel } from '../../packages/core/src/train/model.js';
import { stepInputs } from '../../packages/core/src/train/step-inputs.js';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { initialState } from '../../packages/core/src/train/training-state.js';
import { imageTensor, viewsOf } from '../../packages/core/src/train/views.js';
import { digits } from '../../packages/plugins/src/data/digits.js';
import { make } from '../plugins/make-plugin.js';
import { onEngine } from './engines.js';
import { microComposition } from './micro.js';

const FLOAT: Precision = { weights: 'float', activations: 'float' };
const W8: Precision = { weights: 8, activations: 'float' };
const W2: Precision = { weights: 2, activations: 'float' };
const W4: Precision = { weights: 4, activations: 'float' };
const BATCH = 16;

/** Some steps of the switchable sandwich on digits, whose views are the images and their negatives. */
async function train(engine: Engine) {
  const { tf } = engine;
  const dataset = await make(digits, { test: 9872 }, { tf });
  const composition = await microComposition(engine, {});
  const wrapper = await make(switchableSandwich, {}, { tf });
  const weights = { ...composition.weights, bits: [2, 4, 8] };
  const activations = { ...composition.activations, bits: [] };
  const settings = { ...composition, wrapper, weights, activations } as unknown as Composition;
  const model = assembleModel(settings, [BATCH, ...dataset.shape], () => undefined);
  const scaled = (images: Tensor4D): Tensor4D => tf.div(images, 255);
  const recipe = { shape: dataset.shape, draws: 0, draw: () => new Float32Array(), evaluate: scaled };
  const views = viewsOf([{ ...recipe, apply: scaled }, { ...recipe, apply: (images: Tensor4D) => tf.sub(1, scaled(images)) }] as never, 2); // prettier-ignore
  const step = trainingStep({ engine, model, views, method: settings.method, wrapper, optimizer: settings.optimizer });
  let state = initialState(engine, model, settings.optimizer, 1);
  for (let at = 0; at < 4; at++) {
    const samples = Uint32Array.from({ length: BATCH }, (_, i) => at * BATCH + i);
    const images = await dataset.train.read(samples);
    const batch = { images, imageShape: dataset.shape, samples, epoch: 0, step: at, learningRate: 0.05 };
    const inputs = stepInputs(engine, views, 2, 0, { ...batch, precisions: [W8, W2, W4] });
    const before = state;
    state = tf.tidy(() => step(before, inputs).state);
    const lasting = new Set(Object.values(state));
    tf.dispose([inputs, Object.values(before).filter((tensor) => !lasting.has(tensor))]);
  }
  const calibration = { samples: BATCH, batch: BATCH };
  return { engine, model, views, dataset, state, seed: 1, calibration, progress: async () => undefined };
}

onEngine('tensorflow', 'batch norms by choice of precision', (engine) => {
  let trained: Awaited<ReturnType<typeof train>>;
  before(async () => void (trained = await train(engine())));
  after(() => engine()?.tf.dispose(trained?.state));

  const featuresOf = async (backbone: FrozenBackbone, precision: Precision): Promise<Float32Array> => {
    const bytes = await trained.dataset.test.read(Uint32Array.from({ length: BATCH }, (_, i) => i));
    const images = backbone.prepare(imageTensor(engine().tf, bytes, trained.dataset.shape));
    const [features] = await backbone.features(images, [{ precision }]);
    return (await features!.data<'float32'>()).slice();
  };
  /** A network with one set of batch norms, that of a choice. */
  const onlyWith = (choice: string): typeof trained => {
    const prefix = `batchNorms.${choice}.`;
    const ofSet = Object.entries(trained.state).filter(([name]) => name.startsWith(prefix));
    assert.ok(choice === 'float' || ofSet.length > 0);
    const state = { ...trained.state, ...Object.fromEntries(ofSet.map(([name, x]) => [name.slice(prefix.length), x])) };
    const quantization = { ...trained.model.quantization, batchNorms: [] };
    return { ...trained, state, model: { ...trained.model, quantization } };
  };

  for (const [name, open] of Object.entries({ trained: frozenBackbone, folded: foldedBackbone }))
    for (const [precision, choice] of [
      [FLOAT, 'float'],
      [W8, 'max'],
      [W2, 'min'],
      [W4, 'random'],
    ] as const)
      // prettier-ignore
      it(`evaluation, ${name}, at ${precision.weights} uses the statistics of ${choice}`, async () => {
        const all = await featuresOf(open(trained), precision);
        assert.deepEqual(all, await featuresOf(open(onlyWith(choice)), precision));
        const shared = await featuresOf(open(onlyWith('float')), precision);
        const difference = Math.max(...all.map((value, i) => Math.abs(value - shared[i]!)));
        if (choice !== 'float') assert.ok(difference > 1e-4, `${difference}`);
      });

  it('stages get features with the same statistics', async () => {
    const backbone = frozenBackbone({ ...trained, steps: featureSteps(trained) });
    const encoder = await trainedEncoder(backbone);
    const bytes = await trained.dataset.test.read(Uint32Array.from({ length: BATCH }, (_, i) => i));
    const images = backbone.prepare(imageTensor(engine().tf, bytes, trained.dataset.shape));
    const features = await encoder.features(images, W2).data<'float32'>();
    const expected = await featuresOf(backbone, W2);
    features.forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) < 1e-5));
  });

  it('are trained, and named after the tensors that they stand for', () => {
    const { parameters, statistics, trained: changed } = trained.model;
    const names = [...parameters, ...statistics].map(({ name }) => name);
    for (const choice of ['max', 'min', 'random']) {
      assert.ok(names.includes(`batchNorms.${choice}.bn1.weight`));
      assert.ok(names.includes(`batchNorms.${choice}.bn1.running_mean`));
      assert.ok(!names.includes(`batchNorms.${choice}.conv1.weight`));
      const moved = trained.state[`batchNorms.${choice}.bn1.weight`] as Tensor;
      assert.ok(moved.dataSync().some((value) => value !== 1));
      const [mean, float] = [`batchNorms.${choice}.bn1.running_mean`, 'bn1.running_mean'].map(
        (name) => trained.state[name]!,
      );
      assert.ok(mean!.dataSync().every((value) => value !== 0));
      assert.notDeepEqual(mean!.dataSync(), float!.dataSync());
    }
    assert.ok(changed.some(({ name }) => name === 'batchNorms.max.bn1.weight'));
  });
});

describe('the batch norms of a precision', () => {
  const bits = { weights: [2, 4, 8], activations: [2, 4, 8] };
  const at = (precisions: readonly ('max' | 'min' | 'random')[], width: number): string | undefined =>
    batchNormsAt(batchNormSets({ precisions, batchNorms: 'by-choice' }, bits), { weights: width, activations: width });

  it('are those of random bits between the extremes, or the nearest', () => {
    assert.deepEqual([2, 3, 7, 8].map((width) => at(['max', 'min', 'random'], width)), ['min', 'random', 'random', 'max']); // prettier-ignore
    assert.deepEqual(
      [2, 4, 5, 6].map((width) => at(['min', 'max'], width)),
      ['min', 'min', 'max', 'max'],
    );
    const sets = (weights: number[], activations: number[]) =>
      batchNormSets({ precisions: ['max', 'min', 'random'], batchNorms: 'by-choice' }, { weights, activations });
    assert.equal(batchNormsAt(sets([2, 4, 8], []), { weights: 3, activations: 'float' }), 'random');
    // Float weights are as far from 2 bits as they can be, even if activations are nearer to 2 bits than to 16.
    const extremes = sets([2, 16], [2, 16]).filter(({ choice }) => choice !== 'random');
    assert.equal(batchNormsAt(extremes, { weights: 'float', activations: 8 }), 'max');
    assert.equal(batchNormsAt(batchNormSets({ precisions: 2 }, bits), { weights: 4, activations: 4 }), undefined);
  });
});
