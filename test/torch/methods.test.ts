import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toTorch } from '@ssql/core/run';
import type { Engine, Method, Network, SchedulePoint, Tensors } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { methodInputs } from '../../packages/core/src/train/method-inputs.js';
import type { Model } from '../../packages/core/src/train/model.js';
import { stepInputs } from '../../packages/core/src/train/step-inputs.js';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { initialState } from '../../packages/core/src/train/training-state.js';
import { viewsOf, type Views } from '../../packages/core/src/train/views.js';
import { dino } from '../../packages/plugins/src/method/dino.js';
import { swav } from '../../packages/plugins/src/method/swav.js';
import { sgd } from '../../packages/plugins/src/optimizer/sgd.js';
import { none } from '../../packages/plugins/src/wrapper/none.js';
import { assertGolden, type Golden } from '../golden/golden.js';
import { recipe, toNhwc } from '../golden/recipe.js';
import { make } from '../plugins/make-plugin.js';
import { onEngines } from '../train/engines.js';
import { goldenParameter, microComposition, microModel } from '../train/micro.js';

interface Training {
  readonly losses: readonly number[];
  readonly tensors: { readonly [name: string]: Golden };
}

const [STEPS, BATCH] = [3, 8];
const SHAPE = [8, 8, 3] as const;

/** Of the largest value of a tensor; the reference computes in double precision. */
const TOLERANCE = 2e-5;

const backbone: Network = {
  forward(nn, x) {
    const y = nn.batchNorm(nn.conv2d(x, 'conv1', { filters: 4, kernel: 3, stride: 2, padding: 1 }), 'bn1');
    return nn.globalAveragePool(nn.relu(y));
  },
};

const METHODS = {
  swav: (engine: Engine) => make(swav, { dim: 5, hidden: 6, prototypes: 7, freezeSteps: 1 }, engine),
  dino: (engine: Engine) =>
    make(dino, { dim: 5, hidden: 6, prototypes: 7, momentum: 0.9, warmupEpochs: STEPS }, engine),
};

onEngines('three steps of methods against PyTorch, whose prototypes are frozen in the first', (engine) => {
  for (const [name, create] of Object.entries(METHODS))
    for (const views of [2, 3])
      it(`${name} of ${views} views`, async () => {
        const file = fileURLToPath(new URL('methods.json', import.meta.url));
        const expected = (JSON.parse(readFileSync(file, 'utf8')) as { readonly [name: string]: Training })[
          `${name} of ${views} views`
        ]!;
        const { losses, state } = await train(engine(), await create(engine()), imagesOf(engine(), views));
        losses.forEach((loss, step) => {
          const error = Math.abs(loss - expected.losses[step]!);
          assert.ok(error <= TOLERANCE * expected.losses[step]!, `loss ${loss}, not ${expected.losses[step]}`);
        });
        for (const [tensor, golden] of Object.entries(expected.tensors)) {
          const { shape } = state[tensor]!;
          const values = toTorch(Float32Array.from(state[tensor]!.dataSync()), shape);
          assertGolden(values, golden, TOLERANCE, tensor);
        }
      });
});

async function train(
  engine: Engine,
  method: Method,
  views: Views,
): Promise<{ losses: readonly number[]; state: Tensors }> {
  const composition = {
    ...(await microComposition(engine, {})),
    backbone,
    method,
    wrapper: await make(none, {}, engine),
    optimizer: await make(sgd, { lr: 0.1, momentum: 0.9, weightDecay: 5e-4 }, engine),
  };
  const model = microModel(composition);
  let state: Tensors = { ...initialState(engine, model, composition.optimizer, 1), ...recipeState(engine, model) };
  const inputs = Array.from({ length: STEPS }, (_, step) => inputsOf(engine, method, views, step));
  const step = trainingStep({ ...composition, engine, model, views });
  const compiled = engine.compile(step, state, inputs[0]!);
  const losses = inputs.map((of) => {
    const result = compiled.run(state, of);
    state = result.state;
    return result.outputs['loss']!.dataSync()[0]!;
  });
  compiled.dispose();
  return { losses, state };
}

/** Parameters of the recipe; the momentum encoder is a copy. */
function recipeState({ tf }: Engine, model: Model): Tensors {
  const parameters = model.parameters.filter(({ name }) => !name.endsWith('weight_g'));
  const values = new Map(
    parameters.map((parameter) => [parameter.name, goldenParameter(`torch/methods/${parameter.name}`, parameter)]),
  );
  const copies = (model.momentum?.parameters ?? []).map(({ name, follows }) => [name, follows.name] as const);
  return Object.fromEntries(
    [...parameters.map(({ name }) => [name, name] as const), ...copies].flatMap(([name, source]) => {
      const tensor = values.get(source);
      return tensor === undefined ? [] : [[name, tf.tensor(tensor.values, [...tensor.shape]) as Tensor] as const];
    }),
  );
}

/** Views that are the images of the recipe, passed instead of random numbers. */
function imagesOf({ tf }: Engine, count: number): Views {
  return viewsOf(
    [
      {
        shape: SHAPE,
        draws: SHAPE[0] * SHAPE[1] * SHAPE[2],
        draw: ({ epoch, view }) => toNhwc(recipe(`torch/methods/images/${epoch}/${view}`, [BATCH, 3, 8, 8])).values,
        apply: (images, drawn) => tf.reshape(drawn, images.shape),
        evaluate: (images) => images,
      },
    ],
    count,
  );
}

function inputsOf(engine: Engine, method: Method, views: Views, step: number): Tensors {
  const at: SchedulePoint = { epoch: step, epochs: STEPS, step, stepsPerEpoch: 1 };
  const batch = {
    images: new Uint8Array(BATCH * SHAPE[0] * SHAPE[1] * SHAPE[2]),
    imageShape: SHAPE,
    samples: Uint32Array.from({ length: BATCH }, (_, sample) => sample),
    epoch: step,
    step,
    learningRate: 0.1,
    momentum: method.momentum?.(at),
    precisions: [],
  };
  return {
    ...stepInputs(engine, views, views.count, 0, batch),
    ...methodInputs(engine, method, { seed: 0, batch: BATCH }, at),
  };
}
