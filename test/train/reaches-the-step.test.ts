import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Augmentation, Dataset, Network, Optimizer, Quantizer, SchedulePoint } from '@ssql/core';
import type { Tensors } from '../../packages/core/src/engine/engine.js';
import { openRunFolder } from '../../packages/core/src/artifact/run-folder.js';
import { permutation, random } from '../../packages/core/src/random.js';
import { assembleModel } from '../../packages/core/src/train/model.js';
import { pretrain, type Training } from '../../packages/core/src/train/pretrain.js';
import { prepareRecipe } from '../../packages/core/src/train/recipe.js';
import { viewsOf } from '../../packages/core/src/train/views.js';
import { byol } from '../../packages/plugins/src/method/byol.js';
import { sgd } from '../../packages/plugins/src/optimizer/sgd.js';
import { uniformSampler } from '../../packages/plugins/src/sampler/uniform.js';
import { make } from '../plugins/make-plugin.js';
import { onEngine } from './engines.js';
import { microComposition } from './micro.js';

const [SEED, SIZE, BATCH, EPOCHS, VIEWS] = [5, 9, 4, 3, 2];
const STEPS_PER_EPOCH = 2; // the ninth image of each epoch is left out
const STEPS = EPOCHS * STEPS_PER_EPOCH;
const [SIDE, CHANNELS] = [4, 2];
const BITS = { weights: [2, 3, 4, 6], activations: [3, 4, 8] };
const [RATE, MOMENTUM, WEIGHT_DECAY, KEPT] = [0.5, 0.8, 0.05, 0.6];

/** What a step computed with. */
interface Recorded {
  readonly samples: number[];
  /** By view and image. */
  readonly draws: number[][][];
  readonly learningRate: number;
  readonly step: number;
  readonly weights: number[];
  readonly activations: number[];
  readonly gradients: Map<string, Float32Array>;
}

/** The steps of an eager engine, which computes with tensors that can be read. */
onEngine('cpu', 'what reaches the step', (engine) => {
  let path: string;
  beforeEach(() => void (path = mkdtempSync(join(tmpdir(), 'ssql-reaches-'))));
  afterEach(() => rmSync(path, { recursive: true }));

  /** Trains in one session, or in two; the second goes on from the middle of an epoch. */
  const record = async (stopAt?: number) => {
    const steps: Recorded[] = [];
    const states: Map<string, Float32Array>[] = [];
    const points: SchedulePoint[] = [];
    const base = await microComposition(engine(), {});
    const optimizer = await make(sgd, { lr: RATE, momentum: MOMENTUM, weightDecay: WEIGHT_DECAY }, engine());
    const composition = {
      ...base,
      backbone,
      method: await make(byol, { dim: 4, hidden: 6, predictorHidden: 5, momentum: KEPT }, engine()),
      sampler: await make(uniformSampler),
      weights: {
        ...base.weights,
        bits: BITS.weights,
        quantizer: readingBits(base.weights.quantizer, steps, 'weights'),
      },
      activations: {
        ...base.activations,
        bits: BITS.activations,
        quantizer: readingBits(base.activations.quantizer, steps, 'activations'),
      },
      optimizer: readingUpdates(optimizer, steps),
      schedule: {
        factor(at: SchedulePoint) {
          points.push(at);
          return factor(at.epoch, at.step);
        },
      },
      dataset,
      evaluated: dataset,
    };
    const recipe = prepareRecipe(
      engine().tf,
      [{ augmentation: readingDraws(steps), location: undefined }],
      dataset.shape,
    );
    const training = {
      engine: engine(),
      precision: 'float32',
      composition,
      model: assembleModel(composition, [BATCH, SIDE, SIDE, CHANNELS], () => undefined), // reads no stages
      views: viewsOf([recipe], VIEWS),
      seed: SEED,
      epochs: EPOCHS,
      batch: BATCH,
      checkpointEvery: 1,
      signal: new AbortController().signal,
      logs: { metrics: async () => undefined },
      monitor: { isDue: () => false, watch: async (step, state) => void (states[step] = valuesOf(state)) },
      onStep: () => undefined,
    } satisfies Training;
    const folder = await openRunFolder(path, { resume: false, fresh: false });
    if (stopAt !== undefined) {
      const stop = new AbortController();
      const onStep = (done: number) => (done === stopAt ? stop.abort(new Error('stopped')) : undefined);
      await assert.rejects(pretrain({ ...training, signal: stop.signal, onStep }, folder), /stopped/);
    }
    await pretrain(training, folder);
    return { steps, states, points, model: training.model };
  };

  /** Of one session, made once. */
  let whole: ReturnType<typeof record> | undefined;
  const recorded = () => (whole ??= record());

  it('is what a plain loop draws', async () => {
    const { steps, points } = await recorded();
    assert.deepEqual(
      steps.map(({ gradients: _, ...step }) => step),
      plainLoop(),
    );
    const expected = Array.from({ length: STEPS }, (_, step) => ({
      epoch: Math.floor(step / STEPS_PER_EPOCH),
      epochs: EPOCHS,
      step,
      stepsPerEpoch: STEPS_PER_EPOCH,
    }));
    assert.deepEqual(points, expected);
  });

  it('differs between epochs and between views of an image', async () => {
    const { steps } = await recorded();
    const orders = Array.from({ length: EPOCHS }, (_, epoch) => steps.filter((_, at) => at >> 1 === epoch));
    const distinct = (values: readonly unknown[]): number => new Set(values.map((value) => JSON.stringify(value))).size;
    assert.equal(distinct(orders.map((of) => of.flatMap(({ samples }) => samples))), EPOCHS);
    for (const { samples } of steps) assert.equal(distinct(samples), BATCH);
    assert.equal(distinct(steps.flatMap(({ draws }) => draws.flat())), STEPS * VIEWS * BATCH);
  });

  it('is the same after a resume within an epoch', async () => {
    const { steps } = await record(3);
    assert.deepEqual(
      steps.map(({ gradients: _, ...step }) => step),
      plainLoop(),
    );
  });

  it("moves BYOL's momentum encoder by the schedule's momentum, from the weights before the step", async () => {
    const { states, model } = await recorded();
    for (let step = 1; step < STEPS; step++) {
      const [before, after] = [states[step]!, states[step + 1]!];
      // The m for which k' = m k + (1 - m) q, by least squares over all parameters.
      let [product, square] = [0, 0];
      for (const { name, follows } of model.momentum!.parameters) {
        const [k, q, next] = [before.get(name)!, before.get(follows.name)!, after.get(name)!];
        k.forEach((_, at) => {
          product += (next[at]! - q[at]!) * (k[at]! - q[at]!);
          square += (k[at]! - q[at]!) ** 2;
        });
      }
      const expected = 1 - ((1 - KEPT) * (1 + Math.cos((Math.PI * step) / STEPS))) / 2;
      assert.ok(square > 1e-3, 'the encoder moved');
      assert.ok(Math.abs(product / square - expected) < 1e-4, `${product / square} in step ${step}, not ${expected}`);
    }
  });

  it('gives the update its velocity, its weight decay and its learning rate', async () => {
    const { steps, states, model } = await recorded();
    for (const [step, { learningRate, gradients }] of steps.entries()) {
      const [before, after] = [states[step]!, states[step + 1]!];
      assert.deepEqual([...gradients.keys()], model.trained.map(({ name }) => name)); // prettier-ignore
      for (const [name, gradient] of gradients) {
        const [value, velocity] = [before.get(name)!, before.get(`optimizer.momentum.${name}`)!];
        const next = after.get(name)!;
        gradient.forEach((slope, at) => {
          const direction = MOMENTUM * velocity[at]! + slope + WEIGHT_DECAY * value[at]!;
          const expected = value[at]! - learningRate * direction;
          assert.ok(Math.abs(next[at]! - expected) <= 1e-6 * (1 + Math.abs(expected)), `${name} in step ${step}`);
        });
      }
    }
  });
});

function factor(epoch: number, step: number): number {
  return (1 + epoch) / (2 + step);
}

/** What each step must compute with, by the documentation of `random`'s keys. */
function plainLoop(): Omit<Recorded, 'gradients'>[] {
  const steps: Omit<Recorded, 'gradients'>[] = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = [...permutation(SIZE, random(SEED, 'shuffle', epoch))];
    for (let first = 0; first + BATCH <= SIZE; first += BATCH) {
      const step = steps.length;
      const samples = order.slice(first, first + BATCH);
      const draws = Array.from({ length: VIEWS }, (_, view) =>
        samples.map((sample) => {
          const source = random(SEED, 'augment', epoch, sample, view);
          return [Math.fround(source.uniform()), Math.fround(source.normal())];
        }),
      );
      const precision = random(SEED, 'precision', step);
      const weights = BITS.weights[precision.integer(BITS.weights.length)]!;
      const activations = BITS.activations[precision.integer(BITS.activations.length)]!;
      steps.push({
        samples,
        draws,
        learningRate: Math.fround(RATE * factor(epoch, step)),
        step,
        weights: [weights],
        activations: [activations],
      });
    }
  }
  return steps;
}

const backbone: Network = {
  forward(nn, x) {
    const y = nn.batchNorm(nn.conv2d(x, 'conv1', { filters: 3, kernel: 3, stride: 1, padding: 1 }), 'bn1');
    return nn.globalAveragePool(nn.output(nn.relu(y), 'conv1'));
  },
};

/** Images whose first byte is their index. */
const dataset = {
  shape: [SIDE, SIDE, CHANNELS],
  train: {
    size: SIZE,
    read: async (indexes: ArrayLike<number>) =>
      Uint8Array.from(
        Array.from(indexes).flatMap((index) =>
          Array.from({ length: SIDE * SIDE * CHANNELS }, (_, at) => index + at * (37 + index)),
        ),
      ),
  },
} as unknown as Dataset; // only these members are read

/** Changes no image, and begins the record of a step with its first view. */
function readingDraws(steps: Recorded[]): Augmentation {
  return {
    prepare: (input) => ({
      output: input,
      draws: 2,
      draw: (source) => [source.uniform(), source.normal()],
      apply(images, drawn) {
        const values = images.dataSync();
        const samples = Array.from({ length: BATCH }, (_, row) =>
          Math.round(255 * values[row * SIDE * SIDE * CHANNELS]!),
        );
        const rows = drawn.arraySync();
        const current = steps.at(-1);
        if (current === undefined || current.draws.length === VIEWS)
          steps.push({
            samples,
            draws: [rows],
            learningRate: NaN,
            step: NaN,
            weights: [],
            activations: [],
            gradients: new Map(),
          });
        else {
          assert.deepEqual(samples, current.samples, 'both views are of the same images');
          current.draws.push(rows);
        }
        return images;
      },
    }),
  };
}

/** The widths that a quantizer is asked for, each once. */
function readingBits(quantizer: Quantizer, steps: Recorded[], operand: 'weights' | 'activations'): Quantizer {
  return {
    ...quantizer,
    fakeQuantize(x, range, bits, trained) {
      const widths = steps.at(-1)![operand];
      const width = bits.dataSync()[0]!;
      if (!widths.includes(width)) widths.push(width);
      return quantizer.fakeQuantize(x, range, bits, trained);
    },
  };
}

function readingUpdates(optimizer: Optimizer, steps: Recorded[]): Optimizer {
  return {
    ...optimizer,
    update(parameter, learningRate, step) {
      const read = { learningRate: learningRate.dataSync()[0]!, step: step.dataSync()[0]! };
      Object.assign(steps.at(-1)!, read).gradients.set(
        parameter.name,
        Float32Array.from(parameter.gradient.dataSync()),
      );
      return optimizer.update(parameter, learningRate, step);
    },
  };
}

function valuesOf(state: Tensors): Map<string, Float32Array> {
  return new Map(Object.entries(state).map(([name, tensor]) => [name, Float32Array.from(tensor.dataSync())]));
}
