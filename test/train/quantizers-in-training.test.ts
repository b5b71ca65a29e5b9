import assert from 'node:assert/strict';
import { openEngine, type AnyPlugin, type Engine, type Quantizer, type Tensors } from '@ssql/core';
import { findLibrary } from '@ssql/core/run';
import type { Composition } from '../../packages/core/src/container/composition.js';
import { initializeQuantizers } from '../../packages/core/src/train/initialize-quantizers.js';
import { evaluationFeatures, type EvaluationFeatures } from '../../packages/core/src/evaluate/evaluation-features.js';
import type { Model } from '../../packages/core/src/train/model.js';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { stepInputs } from '../../packages/core/src/train/step-inputs.js';
import { initialState } from '../../packages/core/src/train/training-state.js';
import { viewsOf, type Views } from '../../packages/core/src/train/views.js';
import { plugins } from '../../packages/plugins/src/index.js';
import { lsq } from '../../packages/plugins/src/quantizer/lsq.js';
import { none } from '../../packages/plugins/src/wrapper/none.js';
import { recipe, toNhwc } from '../golden/recipe.js';
import { make } from '../plugins/make-plugin.js';
import { microComposition, microModel, UNMIXED } from './micro.js';

interface Numbers {
  readonly step: readonly number[];
  readonly features: readonly number[];
}

type Options = { readonly [name: string]: unknown };

/** The quantizer of weights and outputs, and the observer of both. */
interface Case {
  readonly quantizer: string;
  readonly observer: string;
  readonly weights?: Options;
  readonly activations?: Options;
}

const ASYMMETRIC = { symmetric: false, granularity: 'tensor' };
const CASES: readonly Case[] = [
  { quantizer: 'uniform', observer: 'moving-average-minmax', activations: ASYMMETRIC },
  { quantizer: 'uniform', observer: 'percentile', activations: ASYMMETRIC },
  { quantizer: 'uniform', observer: 'mse', activations: ASYMMETRIC },
  { quantizer: 'uniform', observer: 'histogram', weights: { granularity: 'tensor' }, activations: ASYMMETRIC },
  {
    quantizer: 'uniform',
    observer: 'gaussian',
    weights: { powerOfTwo: true },
    activations: { ...ASYMMETRIC, powerOfTwo: true },
  },
  { quantizer: 'lsq', observer: 'minmax', activations: { signed: false, granularity: 'tensor' } },
  { quantizer: 'lsq-plus', observer: 'minmax', activations: ASYMMETRIC },
  { quantizer: 'pact', observer: 'minmax', weights: { signed: true, granularity: 'channel' } },
  { quantizer: 'dorefa', observer: 'minmax', activations: { form: 'activations' } },
  { quantizer: 'binary', observer: 'minmax', activations: { signed: false } },
  { quantizer: 'adaround', observer: 'minmax', activations: ASYMMETRIC },
];

describe('quantizers and observers in training and in calibration', () => {
  const results = new Map<string, Map<string, Numbers>>();

  for (const use of ['wasm', 'tensorflow'] as const) {
    describe(use, function () {
      let engine: Engine;
      before(async function () {
        if (use === 'tensorflow' && findLibrary() === undefined) return this.skip();
        engine = await openEngine({ use, ...(use === 'tensorflow' ? { threads: { intraOp: 1, interOp: 1 } } : {}) });
        return undefined;
      });
      after(() => engine?.close());

      for (const testCase of CASES) {
        const title = `${testCase.quantizer} with ${testCase.observer}`;
        it(`${title}: a step, and features after it`, async () => {
          const numbers = await trainAndEvaluate(engine, testCase);
          for (const number of [...numbers.step, ...numbers.features])
            assert.ok(Number.isFinite(number), JSON.stringify(numbers));
          results.set(title, (results.get(title) ?? new Map()).set(use, numbers));
        });
      }
    });
  }

  describe('on all engines', () => {
    it('give the same numbers', () => {
      for (const [title, byEngine] of results) {
        const [reference, ...others] = [...byEngine.values()] as [Numbers, ...Numbers[]];
        for (const other of others) {
          const said = [...byEngine].map(([use, numbers]) => `${use} ${JSON.stringify(numbers)}`).join('; ');
          assert.ok(distance(other.step, reference.step) < 1e-5, `${title}: ${said}`);
          // If float noise changes a rounding, a feature moves by a few levels.
          assert.ok(distance(other.features, reference.features) < 0.03, `${title}: ${said}`);
        }
      }
    });
  });

  describe('after float training', () => {
    it('evaluation initializes LSQ from the trained weights and from calibration images', async () => {
      const engine = await openEngine({ use: 'cpu' });
      try {
        const base = await microComposition(engine, {});
        const quantizer = (await make(lsq, { granularity: 'tensor' }, { tf: engine.tf })) as Quantizer;
        const seen: (readonly [found: number, expected: number])[] = [];
        const spied: Quantizer = {
          ...quantizer,
          fakeQuantize(x, range, bits, trained) {
            const mean = engine.tf.mean(engine.tf.abs(x));
            seen.push([trained!['magnitude']!.dataSync()[0]!, mean.dataSync()[0]!]);
            return quantizer.fakeQuantize(x, range, bits, trained);
          },
        };
        const composition = {
          ...base,
          wrapper: await make(none, {}, { tf: engine.tf }),
          weights: { ...base.weights, quantizer: spied },
          activations: { ...base.activations, quantizer },
        };
        const model = microModel(composition);
        const state = initialState(engine, model, composition.optimizer, 1);
        assert.ok(Object.keys(state).every((name) => !name.includes('quantizer.')));
        const features = evaluationOf(engine, model, state);
        const [sets] = await features.at([{ weights: 4, activations: 4 }]);
        sets!.test.values.forEach((value) => assert.ok(Number.isFinite(value)));
        assert.ok(seen.length > 0);
        for (const [magnitude, mean] of seen) assert.ok(Math.abs(magnitude - mean) < 1e-6, `${magnitude}: ${mean}`);
        features.dispose();
      } finally {
        engine.close();
      }
    });
  });
});

/** The loss and norms of weights and of what quantizers train after a step at w4a4, then features of the trained network at w8a8. */
async function trainAndEvaluate(
  engine: Engine,
  { quantizer, observer, weights = {}, activations = {} }: Case,
): Promise<Numbers> {
  const { tf } = engine;
  const find = (kind: string, name: string) =>
    plugins.find((plugin) => plugin.kind === kind && plugin.name === name)! as AnyPlugin;
  const operand = async (options: Options) => ({
    quantizer: (await make(find('quantizer', quantizer), options, { tf })) as Quantizer,
    observer: (await make(find('observer', observer), {}, { tf })) as Composition['weights']['observer'],
    bits: [4],
  });
  const base = await microComposition(engine, {});
  const composition = { ...base, weights: await operand(weights), activations: await operand(activations) };
  const model = microModel(composition);
  const views = twoImages(engine);
  const inputs = stepInputs(engine, views, 2, 0, {
    images: new Uint8Array(4 * 32 * 32 * 3),
    imageShape: [32, 32, 3],
    samples: Uint32Array.of(0, 1, 2, 3),
    epoch: 0,
    step: 0,
    learningRate: 0.05,
    momentum: undefined,
    precisions: [{ weights: 4, activations: 4 }],
  });
  const before = engine.memory().tensors;
  const state = initializeQuantizers(
    engine,
    model,
    views,
    initialState(engine, model, composition.optimizer, 1),
    inputs,
  );
  const step = trainingStep({ engine, model, views, ...composition });
  const compiled = engine.compile(step, state, inputs);
  const { state: after, outputs } = compiled.run(state, inputs);
  const norm = (names: readonly string[]): number =>
    Math.hypot(...names.flatMap((name) => [...after[name]!.dataSync()]));
  const numbers = [
    outputs['loss']!.dataSync()[0]!,
    outputs['part.quantized']!.dataSync()[0]!,
    norm(model.parameters.map(({ name }) => name)),
    norm(model.quantizerParameters.map(({ name }) => name)),
  ];
  for (const { name } of model.quantizerParameters) {
    const [old, moved] = [state[name]!, after[name]!].map((tensor) => [...tensor.dataSync()]);
    // An offset starts at the smallest value, so no value lies below it.
    if (!name.endsWith('.offset')) assert.notDeepEqual(moved, old, `${name} does not move`);
  }
  compiled.dispose();
  const features = evaluationOf(engine, model, after);
  const [sets] = await features.at([{ weights: 8, activations: 8 }]);
  features.dispose();
  await new Promise((resolve) => setImmediate(resolve));
  tf.dispose([state, after, outputs]);
  assert.equal(engine.memory().tensors, before, 'tensors are left');
  tf.dispose(inputs);
  return { step: numbers, features: [...sets!.test.values] };
}

function evaluationOf(engine: Engine, model: Model, state: Tensors): EvaluationFeatures {
  return evaluationFeatures({
    engine,
    model,
    views: twoImages(engine),
    dataset: {
      name: 'recipe',
      classes: ['a', 'b', 'c', 'd'],
      shape: [32, 32, 3],
      train: split('calibration'),
      test: split('test'),
      fingerprint: '',
    },
    state,
    seed: 0,
    calibration: { samples: 4, batch: 2 },
    progress: async () => undefined,
    mixed: UNMIXED,
  });
}

/** Chosen images: with others some values lie so close to a rounding boundary that float noise decides. */
function twoImages({ tf }: Engine): Views {
  return viewsOf(
    [
      {
        shape: [32, 32, 3],
        draws: 32 * 32 * 3,
        draw: ({ view }) => toNhwc(recipe(`trained a/${view}`, [4, 3, 32, 32], { scale: 2 })).values,
        apply: (images, drawn) => tf.reshape(drawn, images.shape),
        evaluate: (images) => images,
      },
    ],
    2,
  );
}

/** Float images instead of bytes. */
function split(name: string): Composition['dataset']['train'] {
  const { values } = toNhwc(recipe(`in training/${name}`, [4, 3, 32, 32], { scale: 2 }));
  const size = 32 * 32 * 3;
  return {
    size: 4,
    labels: Uint8Array.of(0, 1, 2, 3),
    read: async (indexes) => {
      const images = Array.from(indexes, (index) => [...values.subarray(index * size, (index + 1) * size)]);
      return Float32Array.from(images.flat()) as unknown as Uint8Array;
    },
  };
}

/** The largest difference, relative to the largest magnitude. */
function distance(actual: readonly number[], expected: readonly number[]): number {
  const unit = Math.max(...expected.map(Math.abs));
  return Math.max(...actual.map((number, i) => Math.abs(number - expected[i]!) / unit));
}
