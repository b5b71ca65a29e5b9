import assert from 'node:assert/strict';
import type { Method, Optimizer } from '@ssql/core';
import type { Composition } from '../../packages/core/src/container/compose.js';
import type { CompiledStep, Engine, Tensors } from '../../packages/core/src/engine/engine.js';
import type { Parameter } from '../../packages/core/src/nn/describe.js';
import { assembleModel, type Model } from '../../packages/core/src/train/model.js';
import { stepInputs } from '../../packages/core/src/train/step-inputs.js';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { initialState } from '../../packages/core/src/train/training-state.js';
import type { Views } from '../../packages/core/src/train/views.js';
import { byol } from '../../packages/plugins/src/method/byol.js';
import { normalizedProjector } from '../../packages/plugins/src/method/heads.js';
import { moco } from '../../packages/plugins/src/method/moco.js';
import { simclr } from '../../packages/plugins/src/method/simclr.js';
import { simsiam } from '../../packages/plugins/src/method/simsiam.js';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { sgd } from '../../packages/plugins/src/optimizer/sgd.js';
import { uniform } from '../../packages/plugins/src/quantizer/uniform.js';
import { none } from '../../packages/plugins/src/wrapper/none.js';
import { ssql } from '../../packages/plugins/src/wrapper/ssql.js';
import { goldenError, readGolden, type Golden } from '../golden/golden.js';
import { PREFIX, recipe, toInOut, toNhwc, toOihw, type HostTensor } from '../golden/recipe.js';
import { toHost } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';
import { goldenBackbone, goldenParameter, OFFICIAL_PINS, officialName, UNMIXED } from './micro.js';

/** What an `e_` file holds: training steps of an algorithm, one after the other (`steps`) or each from the start (`runs`). */
export interface GoldenTraining {
  readonly algorithm: string;
  readonly arch: 'micro' | 'tiny' | 'r18';
  readonly batch: number;
  readonly sgd: { readonly lr: number; readonly momentum: number; readonly weight_decay: number };
  /** Says whether the momentum encoder starts from tensors of its own. */
  readonly params: string;
  readonly config: {
    readonly DIM: number;
    readonly HIDDEN_DIM: number;
    readonly MOMENTUM: number;
    readonly T: number;
    readonly MOCO_K: number | null;
  };
  readonly steps?: readonly GoldenStep[];
  readonly runs?: readonly (GoldenStep & { readonly deviation: { readonly [how: string]: Deviation } })[];
  /** How far the official steps are from themselves when computed otherwise. */
  readonly deviation?: { readonly [how: string]: readonly Deviation[] };
}

export interface GoldenStep {
  readonly images: readonly string[];
  readonly w_bit?: number;
  readonly a_bit?: number;
  readonly loss: number;
  readonly components: { readonly [name: string]: number };
  readonly grads: {
    readonly [name: string]: { readonly l2: number; readonly sum: number; readonly first4: readonly number[] };
  };
  readonly params_after: Numbers;
  readonly bn_after: Numbers;
  readonly encoder_k_params_after?: Numbers;
  readonly encoder_k_bn_after?: Numbers;
  /** [dim, K] */
  readonly queue_after?: Golden;
  readonly queue_ptr_after?: number;
}

type Numbers = { readonly [name: string]: number };
export type Deviation = Numbers;

/** How far a step is from the official one. Of tensors: the largest error over all of a kind, relative to the official norm. */
export interface StepErrors {
  readonly precision: string;
  /** Absolute. */
  readonly loss: number;
  /** The losses of the float and of the quantized branch, absolute. */
  readonly parts: number;
  /** Of gradients: their norms, and their first elements relative to the norm. */
  readonly gradient: number;
  readonly gradientMedian: number;
  readonly parameters: number;
  readonly statistics: number;
  readonly momentumParameters: number;
  readonly momentumStatistics: number;
  readonly queue: number;
  /** What a port cannot be expected to do better than: the larger of both float32 deviations that the file states. */
  readonly stated: Deviation;
}

/** Norms that are zero in exact arithmetic are smaller, such as of the gradient of a bias in front of a batch norm. */
const ZERO = 1e-6;

/**
 * Runs the official steps of a file, and says how far each is off.
 * @param factor on the images: the official numbers are those of 1, and of factors an ulp away where nothing rounds the other way
 */
export async function runGoldenSteps(engine: Engine, file: string, factor = 1): Promise<StepErrors[]> {
  const golden = readGolden<GoldenTraining>(file);
  const composition = await officialComposition(engine, golden);
  const model = assembleModel(composition as Composition, [golden.batch, 32, 32, 3], () => undefined); // reads no dataset
  const errors: StepErrors[] = [];
  let compiled: CompiledStep<Tensors, Tensors, Tensors> | undefined;
  let state = officialState(engine, model, composition.optimizer, golden);
  const steps = golden.steps ?? golden.runs!;
  for (const [index, step] of steps.entries()) {
    const views = throughDraws(engine, step.images, golden.batch, factor);
    const inputs = officialInputs(engine, golden, views, step);
    compiled ??= engine.compile(trainingStep({ engine, model, views, ...composition }), state, inputs);
    const { state: after, outputs } = compiled.run(state, inputs);
    const written = golden.steps ? golden.batch * (index + 1) : golden.batch;
    errors.push({ ...compare(model, step, after, outputs, written), stated: statedDeviation(golden, index) });
    engine.tf.dispose([inputs, outputs, state]);
    if (golden.steps) state = after;
    else {
      engine.tf.dispose(after);
      state = officialState(engine, model, composition.optimizer, golden);
    }
  }
  compiled?.dispose();
  engine.tf.dispose(state);
  return errors;
}

const ARCHITECTURES = {
  micro: { widths: [2, 4, 4, 8], blocks: 1 },
  tiny: { widths: [8, 16, 32, 64], blocks: 1 },
  r18: { widths: [64, 128, 256, 512], blocks: 2 },
} as const;

async function officialComposition(
  engine: Engine,
  { algorithm, arch, sgd: options, config }: GoldenTraining,
): Promise<Omit<Composition, 'dataset'>> {
  const side = async (symmetric: boolean, granularity: string) => ({
    quantizer: await make(uniform, { symmetric, granularity }, engine),
    observer: await make(minmax, {}, engine),
    bits: [],
  });
  const { lr, momentum, weight_decay: weightDecay } = options;
  const { widths, blocks } = ARCHITECTURES[arch];
  return {
    augmentations: [],
    backbone: goldenBackbone(widths, blocks),
    method: await officialMethod(engine, algorithm, config, widths.at(-1)!),
    wrapper: await make(algorithm.startsWith('SSQL_') ? ssql : none, {}, engine),
    sampler: { draw: () => assert.fail('the precisions are given') },
    weights: await side(true, 'channel'),
    activations: await side(false, 'tensor'),
    pins: { ...OFFICIAL_PINS, 'projector.*': { weights: 8, activations: 'float' } },
    optimizer: withGradients(await make(sgd, { lr, momentum, weightDecay }, engine)),
    schedule: { factor: () => 1 },
    assigner: UNMIXED.assigner,
    loggers: [],
    stages: [],
  };
}

/** The method of an algorithm with its official heads (golden README, "Heads"). */
async function officialMethod(
  engine: Engine,
  algorithm: string,
  { DIM: dim, HIDDEN_DIM: hidden, MOMENTUM: momentum, T: temperature, MOCO_K: queue }: GoldenTraining['config'],
  width: number,
): Promise<Method> {
  switch (algorithm.replace(/^R?SSQL_/, '')) {
    case 'SimSiam':
      return {
        ...(await make(simsiam, { dim, predictorHidden: hidden }, engine)),
        // As wide as the backbone, where that is wider.
        projector: normalizedProjector({ layers: 3, hidden: Math.max(width, dim), dim, lastNorm: true }),
      };
    case 'BYOL': {
      const lastNorm = algorithm.startsWith('SSQL_');
      const heads = { dim, hidden, layers: 3, lastNorm, predictorHidden: hidden };
      return make(byol, { ...heads, momentum, momentumSchedule: 'constant' }, engine);
    }
    case 'MoCo':
      return make(moco, { dim, hidden, queue, temperature, momentum }, engine);
    case 'SimCLR':
      return make(simclr, { dim, hidden, temperature }, engine);
    default:
      return assert.fail(`no method for ${algorithm}`);
  }
}

/** The optimizer with one more slot: the gradient that it got. */
function withGradients(optimizer: Optimizer): Optimizer {
  return {
    ...optimizer,
    slots: [...optimizer.slots, 'gradient'],
    update(parameter, rate) {
      const { value, slots } = optimizer.update(parameter, rate);
      return { value, slots: [...slots, parameter.gradient] };
    },
  };
}

function officialState(
  engine: Engine,
  model: Model,
  optimizer: Optimizer,
  { params, config }: GoldenTraining,
): Tensors {
  const { tf } = engine;
  const tensor = ({ values, shape }: HostTensor) => tf.tensor(values, [...shape]);
  const official = (one: Parameter, name: string) => tensor(goldenParameter(`param/${name}`, one));
  const own = params.includes('encoder_k.*');
  const zeros = initialState(engine, model, optimizer, 0);
  const given: Tensors = Object.fromEntries([
    ...model.parameters.map((one) => [one.name, official(one, officialName(one.name))] as const),
    ...(model.momentum?.parameters ?? []).map(({ name, follows }) => {
      return [name, official(follows, officialName(own ? name : follows.name))] as const;
    }),
    ...Object.keys(model.memory).map((name) => {
      const queue = tensor(recipe('moco/queue', [config.DIM, config.MOCO_K!]));
      const unit = tf.tidy(() => tf.transpose(tf.div(queue, tf.sqrt(tf.sum(tf.square(queue), 0, true)))));
      queue.dispose();
      return [`memory.${name}`, unit] as const;
    }),
  ]);
  tf.dispose(Object.entries(zeros).flatMap(([name, one]) => (given[name] ? [one] : [])));
  return { ...zeros, ...given };
}

/** Images are given in the place of random numbers. */
function throughDraws({ tf }: Engine, images: readonly string[], batch: number, factor: number): Views {
  return {
    shape: [32, 32, 3],
    parameters: 32 * 32 * 3,
    draw: ({ view }) =>
      toNhwc(recipe(images[view]!.slice(PREFIX.length), [batch, 3, 32, 32], { scale: 2 })).values.map(
        (value) => value * factor,
      ),
    apply: (bytes, drawn) => tf.reshape(drawn, bytes.shape),
    evaluate: (bytes) => bytes,
  };
}

function officialInputs(
  engine: Engine,
  { batch, sgd, config }: GoldenTraining,
  views: Views,
  step: GoldenStep,
): Tensors {
  const { w_bit: weights, a_bit: activations } = step;
  return stepInputs(engine, views, step.images.length, 0, {
    images: new Uint8Array(batch * 32 * 32 * 3),
    imageShape: [32, 32, 3],
    samples: Uint32Array.from({ length: batch }, (_, i) => i),
    epoch: 0,
    learningRate: sgd.lr,
    momentum: config.MOMENTUM,
    precisions: weights === undefined || activations === undefined ? [] : [{ weights, activations }],
  });
}

/** @param written keys that were written to the queue since the start */
function compare(
  model: Model,
  golden: GoldenStep,
  after: Tensors,
  outputs: Tensors,
  written: number,
): Omit<StepErrors, 'stated'> {
  const scalar = (name: string): number => outputs[name]!.dataSync()[0]!;
  const { branch_float, ce_float, ce, branch_quant, ce_quant } = golden.components;
  const parts = [
    [branch_float ?? ce_float ?? ce, 'part.float'],
    [branch_quant ?? ce_quant, 'part.quantized'],
  ] as const;
  const norms = (tensors: readonly { readonly name: string }[], official: Numbers = {}): number =>
    largest(tensors.map(({ name }) => relative(norm(toHost(after[name]!)), official[officialName(name)]!)));
  const withGradient = model.parameters.filter(({ frozen }) => !frozen);
  assert.deepEqual(withGradient.map(({ name }) => officialName(name)).sort(), Object.keys(golden.grads).sort());
  const gradients = withGradient.map(({ name, role }) => {
    const host = toTorchLayout(toHost(after[`optimizer.gradient.${name}`]!), role);
    const { l2, first4 } = golden.grads[officialName(name)]!;
    if (l2 < ZERO) return relative(norm(host), l2);
    return largest([relative(norm(host), l2), ...first4.map((value, i) => (host.values[i]! - value) / l2)]);
  });
  return {
    precision: golden.w_bit === undefined ? 'float' : `w${golden.w_bit}a${golden.a_bit}`,
    loss: Math.abs(scalar('loss') - golden.loss),
    parts: largest(parts.map(([value, name]) => (value === undefined ? 0 : scalar(name) - value))),
    gradient: largest(gradients),
    gradientMedian: gradients.toSorted((a, b) => a - b)[gradients.length >> 1]!,
    parameters: norms(model.parameters, golden.params_after),
    statistics: norms(model.statistics, golden.bn_after),
    momentumParameters: norms(model.momentum?.parameters ?? [], golden.encoder_k_params_after),
    momentumStatistics: norms(model.momentum?.statistics ?? [], golden.encoder_k_bn_after),
    queue: golden.queue_after ? queueError(toHost(after['memory.queue']!), golden, written) : 0,
  };
}

/** The official queue is a ring, [dim, K]; ours begins with the oldest key, [K, dim]. */
function queueError(
  { shape, values }: HostTensor,
  { queue_after, queue_ptr_after }: GoldenStep,
  written: number,
): number {
  const [size, dim] = shape as [number, number];
  assert.equal(queue_ptr_after, written % size);
  const ring = new Float32Array(values.length);
  for (let key = 0; key < size; key++)
    for (let i = 0; i < dim; i++) ring[i * size + ((key + written) % size)] = values[key * dim + i]!;
  return goldenError({ shape: [dim, size], values: ring }, queue_after!);
}

function toTorchLayout(host: HostTensor, role: Parameter['role']): HostTensor {
  if (role === 'convolution') return toOihw(host);
  return role === 'linear' ? toInOut(host) : host;
}

function statedDeviation({ runs, deviation }: GoldenTraining, index: number): Deviation {
  const how = ['other_float32_kernels', 'images_perturbed_1e-7'];
  const stated = how.map((name) => runs?.[index]!.deviation[name] ?? deviation![name]![index]!);
  return Object.fromEntries(
    Object.keys(stated[0]!).map((name) => [name, Math.max(...stated.map((one) => one[name]!))]),
  );
}

function relative(found: number, expected: number): number {
  if (expected < ZERO) return found < ZERO ? 0 : Infinity;
  return (found - expected) / expected;
}

/** NaN counts as an infinite error. */
function largest(errors: readonly number[]): number {
  return errors.reduce((most, error) => (Number.isNaN(error) ? Infinity : Math.max(most, Math.abs(error))), 0);
}

function norm({ values }: HostTensor): number {
  return Math.hypot(...values);
}
