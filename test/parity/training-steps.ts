import type { Tensor } from '@tensorflow/tfjs-core';
import type { Method, Optimizer, Precision, Wrapper } from '@ssql/core';
import type { Composition } from '../../packages/core/src/container/compose.js';
import type { Engine, Tensors } from '../../packages/core/src/engine/engine.js';
import { assembleModel, type Model } from '../../packages/core/src/train/model.js';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { stepInputs } from '../../packages/core/src/train/step-inputs.js';
import type { Views } from '../../packages/core/src/train/views.js';
import type { Parameter } from '../../packages/core/src/nn/describe.js';
import { readGolden, type Golden, type Measure } from '../golden/golden.js';
import { PREFIX, recipe, toInOut, toNhwc, toOihw, type HostTensor } from '../golden/recipe.js';
import { toHost } from '../plugins/context.js';
import { fresh, goldenParameter, officialName, tensorsOf } from '../train/micro.js';
import { ALGORITHMS, type Algorithm, type GoldenConfig } from './algorithms.js';
import { compositionOf, TRAINING_PINS, type Architecture } from './networks.js';
import { nearestOf } from './nudged-images.js';
import { unmatched, type ParityCase } from './parity-case.js';
import { measureStep, type Deviation, type GoldenStep, type OurStep } from './step-measures.js';

interface File {
  readonly algorithm: string;
  readonly arch: Architecture;
  readonly batch: number;
  readonly config: GoldenConfig;
  /** Steps in sequence, or single ones, each from the start. */
  readonly steps?: readonly Step[];
  readonly runs?: readonly Step[];
  readonly deviation?: { readonly [how: string]: readonly Deviation[] };
}

interface Step extends GoldenStep {
  readonly images: readonly string[];
  readonly w_bit?: number;
  readonly a_bit?: number;
  readonly outputs: { readonly [name: string]: Golden };
  /** Of a single step. */
  readonly deviation?: { readonly [how: string]: Deviation };
}

/** The training steps of an algorithm, as far as the official code's own deviation allows. */
export function trainingStepCases(file: string): readonly ParityCase[] {
  const golden = readGolden<File>(file);
  const { algorithm, steps, runs, deviation } = golden;
  const all = steps ?? runs ?? [];
  const names = all.map(({ w_bit, a_bit }, index) => {
    const precision = w_bit === undefined ? '' : ` w${w_bit}a${a_bit}`;
    return steps ? `step ${index + 1}${precision}` : precision.trim();
  });
  const compose = ALGORITHMS[algorithm];
  if (compose === undefined) return names.map((name) => unmatched(name, `no algorithm ${algorithm} is composed yet`));
  if (file.includes('_kdiff')) return names.map((name) => unmatched(name, 'no momentum encoder of its own start yet'));

  // Steps in sequence are trained once, and each reads its own.
  const trained = new Map<number, Promise<readonly OurStep[]>>();
  return all.map((step, index) => ({
    name: names[index]!,
    async measure(engine): Promise<readonly Measure[]> {
      const composed = await compose(engine, golden.config, golden.arch);
      const official = steps ? deviationsOf(deviation).map((one) => one[index]!) : deviationsOf(step.deviation);
      const measureAt = async (factor: number): Promise<readonly Measure[]> => {
        const run = (): Promise<readonly OurStep[]> => train(engine, golden, composed, steps ?? [step], factor);
        if (!steps) return measureStep((await run())[0]!, step, official);
        if (!trained.has(factor)) trained.set(factor, run());
        return measureStep((await trained.get(factor)!)[index]!, step, official);
      };
      return nearestOf(measureAt);
    },
  }));
}

/** The deviations of float32: float64 breaks the ties of the quantizer (golden README). */
function deviationsOf<T>(deviation: { readonly [how: string]: T } = {}): readonly T[] {
  return Object.entries(deviation).flatMap(([how, one]) => (how === 'float64' ? [] : [one]));
}

async function train(
  engine: Engine,
  golden: File,
  algorithm: Algorithm,
  steps: readonly Step[],
  factor: number,
): Promise<OurStep[]> {
  const { tf } = engine;
  const given = await compositionOf(engine, golden.arch, TRAINING_PINS);
  const { method, wrapper } = showing(algorithm);
  const composition = { ...given, method, wrapper, optimizer: keepingGradients(given.optimizer) };
  const shape = [golden.batch, 32, 32, 3] as const;
  const model = assembleModel(composition as Composition, shape, () => undefined); // reads no dataset
  let state: Tensors = {
    ...tensorsOf(engine, model, (one) => goldenParameter(`param/${officialName(one.name)}`, one), fresh),
    ...Object.fromEntries(
      model.trained.flatMap(({ name, shape }) =>
        composition.optimizer.slots.map((slot) => [`optimizer.${slot}.${name}`, tf.zeros([...shape])]),
      ),
    ),
  };
  const views = imageViews(engine, steps, golden.batch, factor);
  const step = trainingStep({ engine, model, views, ...composition });
  const done: OurStep[] = [];
  const inputs = steps.map((one, index) => inputsOf(engine, views, golden.batch, one, index));
  const compiled = engine.compile(step, state, inputs[0]!);
  try {
    for (const one of inputs) {
      const result = compiled.run(state, one);
      tf.dispose(state);
      state = result.state;
      done.push(readStep(model, state, result.outputs));
      tf.dispose(result.outputs);
    }
  } finally {
    compiled.dispose();
    tf.dispose([state, inputs]);
  }
  return done;
}

/** The wrapper's objective with all outputs among its parts: what a step has no name for, it would not return. */
function showing({ method, wrapper, outputs }: Algorithm): { readonly method: Method; readonly wrapper: Wrapper } {
  const onlines: unknown[] = [];
  return {
    method: {
      ...method,
      online(branch, views) {
        const online = method.online(branch, views);
        onlines.push(online);
        return online;
      },
    },
    wrapper: {
      precisions: wrapper.precisions,
      objective(watched, branches, views) {
        onlines.length = 0;
        const objective = wrapper.objective(watched, branches, views);
        // Parts are scalars to a training; a step returns them whatever their shape.
        const parts = { ...objective.parts, ...outputs(onlines) } as typeof objective.parts;
        return { ...objective, parts };
      },
    },
  };
}

/** The optimizer with each gradient in a slot more. */
function keepingGradients(optimizer: Optimizer): Optimizer {
  return {
    ...optimizer,
    slots: [...optimizer.slots, 'gradient'],
    update(parameter, learningRate) {
      const slots = parameter.slots.slice(0, -1);
      const updated = optimizer.update({ ...parameter, slots }, learningRate);
      return { ...updated, slots: [...updated.slots, parameter.gradient.clone()] };
    },
  };
}

/** Views that are the images of a step themselves: they come in the place of random numbers; a step's epoch says which. */
function imageViews({ tf }: Engine, steps: readonly Step[], batch: number, factor: number): Views {
  return {
    shape: [32, 32, 3],
    parameters: 32 * 32 * 3,
    draw: ({ epoch, view }) =>
      toNhwc(recipe(steps[epoch]!.images[view]!.slice(PREFIX.length), [batch, 3, 32, 32], { scale: 2 })).values.map(
        (value) => value * factor,
      ),
    apply: (images, drawn) => tf.reshape(drawn, images.shape),
    evaluate: (images) => images,
  };
}

function inputsOf(engine: Engine, views: Views, batch: number, { w_bit, a_bit }: Step, index: number): Tensors {
  const precisions: Precision[] = w_bit === undefined ? [] : [{ weights: w_bit, activations: a_bit! }];
  return stepInputs(engine, views, 2, 0, {
    images: new Uint8Array(batch * 32 * 32 * 3),
    imageShape: [32, 32, 3],
    samples: Uint32Array.from({ length: batch }, (_, sample) => sample),
    epoch: index,
    learningRate: 0.05,
    precisions,
  });
}

function readStep(model: Model, state: Tensors, outputs: Tensors): OurStep {
  const read = (name: string): HostTensor => toHost(state[name]!);
  const { loss, featureStd: _, ...parts } = outputs;
  return {
    loss: loss!.dataSync()[0]!,
    outputs: Object.fromEntries(
      Object.entries(parts).map(([name, tensor]) => [name.replace(/^part\./, ''), toHost(tensor as Tensor)]),
    ),
    gradients: new Map(
      model.parameters
        .filter(({ frozen }) => !frozen)
        .map((one) => [officialName(one.name), toTorch(one, read(`optimizer.gradient.${one.name}`))]),
    ),
    without: model.parameters.filter(({ frozen }) => frozen).map(({ name }) => officialName(name)),
    norms: new Map(
      [...model.parameters, ...model.statistics].map(({ name }) => [officialName(name), norm(read(name))]),
    ),
  };
}

function toTorch({ role }: Parameter, tensor: HostTensor): HostTensor {
  return role === 'convolution' ? toOihw(tensor) : role === 'linear' ? toInOut(tensor) : tensor;
}

function norm({ values }: HostTensor): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
