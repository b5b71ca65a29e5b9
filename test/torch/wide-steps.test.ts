import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Engine } from '@ssql/core';
import { toTorch } from '@ssql/core/run';
import { openEngine } from '../../packages/core/src/engine/open-engine.js';
import { assembleModel, type Model } from '../../packages/core/src/train/model.js';
import { slotName } from '../../packages/core/src/train/optimizer-slots.js';
import { stepInputs } from '../../packages/core/src/train/step-inputs.js';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { initialState } from '../../packages/core/src/train/training-state.js';
import { viewsOf, type Views } from '../../packages/core/src/train/views.js';
import type { Composition } from '../../packages/core/src/container/composition.js';
import { simsiam } from '../../packages/plugins/src/method/simsiam.js';
import { sgd } from '../../packages/plugins/src/optimizer/sgd.js';
import { normOf } from '../golden/golden.js';
import { recipe, toNhwc } from '../golden/recipe.js';
import { make } from '../plugins/make-plugin.js';
import { THREADS } from '../train/engines.js';
import { goldenBackbone, goldenParameter, microComposition, TRAINING_PINS } from '../train/micro.js';

interface Reference {
  readonly network: {
    readonly widths: readonly number[];
    readonly dim: number;
    readonly predictorHidden: number;
    readonly batch: number;
    readonly side: number;
  };
  readonly optimizer: { readonly [option: string]: number };
  readonly cases: { readonly [name: string]: Case };
}

interface Case {
  /** Of weights and of activations. */
  readonly bits: readonly [number, number];
  /** Whether the outputs before the ReLU are quantized too, which are signed. */
  readonly signed: boolean;
  /** The number of its images. */
  readonly images: number;
  readonly losses: { readonly [name: string]: number };
  readonly velocities: { readonly [parameter: string]: Summary };
  readonly weightNorms: { readonly [parameter: string]: number };
  readonly statistics: { readonly [name: string]: Summary };
}

/** Of a tensor in PyTorch's layout. */
interface Summary {
  readonly shape: readonly number[];
  readonly l2norm: number;
  readonly spaced8: readonly number[];
}

/** Of a tensor's norm, or of its largest value. */
const TOLERANCE = 3e-4;

/** Of losses, which are cosines. */
const LOSS_TOLERANCE = 1e-5;

/** Below it, tensors are 0 but for float noise, such as the mean of what a batch norm made. */
const NOISE = 1e-2;

const { conv1, 'projector.*': projector } = TRAINING_PINS;
const SIGNED_PINS = { conv1, 'projector.*': projector };

/** `wide_steps.py` computes the reference. */
describe('a step of SSQL at full width against PyTorch', function () {
  this.timeout(120_000);
  let engine: Engine;
  before(async () => {
    engine = await openEngine({ use: 'auto', threads: THREADS });
  });
  after(() => engine.close());
  const { network, optimizer, cases } = JSON.parse(
    readFileSync(fileURLToPath(new URL('wide_steps.json', import.meta.url)), 'utf8'),
  ) as Reference;
  for (const [name, expected] of Object.entries(cases))
    it(`${name}`, async () => {
      const { model, state, outputs } = await trainStep(engine, network, optimizer, name, expected);
      const read = (tensor: string, shape = state[tensor]!.shape) =>
        toTorch(Float32Array.from(state[tensor]!.dataSync()), shape);
      const problems = [
        ...Object.entries(expected.losses).flatMap(([part, loss]) => {
          const actual = outputs[part === 'loss' ? part : `part.${part}`]!.dataSync()[0]!;
          return Math.abs(actual - loss) < LOSS_TOLERANCE ? [] : [`${part} is ${actual}, not ${loss}`];
        }),
        ...Object.entries(expected.velocities).flatMap(([parameter, summary]) =>
          differences(`velocity of ${parameter}`, read(slotName('momentum', parameter)), summary),
        ),
        ...Object.entries(expected.statistics).flatMap(([statistic, summary]) =>
          differences(statistic, read(statistic), summary),
        ),
        ...Object.entries(expected.weightNorms).flatMap(([parameter, norm]) => {
          const error = Math.abs(normOf(read(parameter).values) / norm - 1);
          return error < TOLERANCE ? [] : [`norm of ${parameter}: off by ${error}`];
        }),
      ];
      assert.equal(problems.join('\n'), '');
      assert.deepEqual(
        Object.keys(expected.velocities).sort(),
        model.trained.map(({ name }) => name).sort(),
        'the trained parameters',
      );
    });
});

async function trainStep(
  engine: Engine,
  { widths, dim, predictorHidden, batch, side }: Reference['network'],
  optimizer: Reference['optimizer'],
  name: string,
  { bits: [weights, activations], signed, images }: Case,
) {
  const composition = {
    ...(await microComposition(engine, signed ? SIGNED_PINS : TRAINING_PINS)),
    backbone: goldenBackbone(widths, widths.map(() => 1)), // prettier-ignore
    method: await make(simsiam, { dim, predictorHidden }, engine),
    optimizer: await make(sgd, optimizer, engine),
  };
  const model = assembleModel(composition as Composition, [batch, side, side, 3], () => undefined); // reads no dataset
  const views = imagesOf(engine, batch, side, `torch/wide/${name}/${images}`);
  const inputs = stepInputs(engine, views, views.count, 0, {
    images: new Uint8Array(batch * side * side * 3),
    imageShape: views.shape,
    samples: Uint32Array.from({ length: batch }, (_, sample) => sample),
    epoch: 0,
    step: 0,
    learningRate: composition.optimizer.learningRate,
    precisions: [{ weights, activations }],
  });
  const state = initialState(engine, model, composition.optimizer, 0, { values: parametersOf(model) });
  const compiled = engine.compile(trainingStep({ engine, model, views, ...composition }), state, inputs);
  const result = compiled.run(state, inputs);
  compiled.dispose();
  engine.tf.dispose([state, inputs]);
  return { model, ...result };
}

function parametersOf({ parameters }: Model): ReadonlyMap<string, Float32Array> {
  return new Map(
    parameters.map((tensor) => [tensor.name, goldenParameter(`torch/wide/${tensor.name}`, tensor).values]),
  );
}

/** Views that are images of a recipe, passed instead of random numbers. */
function imagesOf({ tf }: Engine, batch: number, side: number, name: string): Views {
  return viewsOf(
    [
      {
        shape: [side, side, 3],
        draws: side * side * 3,
        draw: ({ view }) => toNhwc(recipe(`${name}/${view + 1}`, [batch, 3, side, side], { scale: 2 })).values,
        apply: (images, drawn) => tf.reshape(drawn, images.shape),
        evaluate: (images) => images,
      },
    ],
    2,
  );
}

/** What is too far from a tensor's summary, in words. */
function differences(
  what: string,
  { shape, values }: { readonly shape: readonly number[]; readonly values: Float32Array },
  expected: Summary,
): readonly string[] {
  if (shape.join() !== expected.shape.join())
    return [`${what}: [${shape.join()}] in place of [${expected.shape.join()}]`];
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), NOISE);
  const errors = [
    (normOf(values) - expected.l2norm) / Math.max(expected.l2norm, NOISE),
    ...expected.spaced8.map((value, k) => (values[Math.floor((k * (values.length - 1)) / 7)]! - value) / largest),
  ];
  const error = Math.max(...errors.map(Math.abs));
  return error < TOLERANCE ? [] : [`${what}: off by ${error}`];
}
