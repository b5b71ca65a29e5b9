import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Bits, Method, Optimizer, Precision, Quantizer, Wrapper } from '@ssql/core';
import type { Composition } from '../../packages/core/src/container/composition.js';
import type { ComputePrecision, Engine, Tensors } from '../../packages/core/src/engine/engine.js';
import { describe, type Parameter } from '../../packages/core/src/nn/describe.js';
import { memoryName, assembleModel, type Model } from '../../packages/core/src/train/model.js';
import { slotName } from '../../packages/core/src/train/optimizer-slots.js';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { stepInputs } from '../../packages/core/src/train/step-inputs.js';
import { initialState } from '../../packages/core/src/train/training-state.js';
import { viewsOf, type Views } from '../../packages/core/src/train/views.js';
import { sgd } from '../../packages/plugins/src/optimizer/sgd.js';
import { goldenRecipe, normOf } from '../golden/golden.js';
import { recipeNamed, toInOut, toNhwc, toOihw, type HostTensor } from '../golden/recipe.js';
import { toHost } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';
import { goldenParameter, officialName } from '../train/micro.js';
import { algorithmOf, type Algorithm, type GoldenConfig } from './algorithms.js';
import { compositionOf, featuresOf } from './networks.js';
import { imagesIn, pinsOf, type BitConfig, type StatedImages } from './stated.js';
import type { OurRange, OurStep } from './step-measures.js';

/** What a golden file says of the training of its steps. */
export interface GoldenTraining {
  readonly algorithm: string;
  readonly arch_description: string;
  readonly batch: number;
  /** The shape and scale of the images, in words. */
  readonly images: string;
  readonly bit_config: BitConfig | null;
  readonly config: GoldenConfig;
  readonly sgd: { readonly lr: number; readonly momentum: number; readonly weight_decay: number };
  /** Says whether the momentum encoder starts from tensors of its own. */
  readonly params: string;
}

/** What goes into a step. */
export interface GoldenInputs {
  readonly images: readonly string[];
  readonly w_bit?: number;
  readonly a_bit?: number;
}

/**
 * Trains the steps of a golden file, one after the other.
 * @param factor on the images
 * @param precision what convolutions and matrix products multiply in
 */
export async function trainOfficially(
  engine: Engine,
  golden: GoldenTraining,
  steps: readonly GoldenInputs[],
  factor = 1,
  precision: ComputePrecision = 'float32',
): Promise<OurStep[]> {
  const { tf } = engine;
  const given = await compositionOf(engine, golden.arch_description, pinsOf(golden.bit_config));
  const features = featuresOf(golden.arch_description);
  const algorithm = await algorithmOf(engine, golden.algorithm, golden.config, features);
  const ranges = new Ranges();
  const { lr, momentum, weight_decay: weightDecay } = golden.sgd;
  const composition = {
    ...given,
    ...showing(algorithm, ranges),
    weights: { ...given.weights, quantizer: ranges.of('weights', given.weights.quantizer) },
    activations: { ...given.activations, quantizer: ranges.of('activations', given.activations.quantizer) },
    optimizer: keepingGradients(await make(sgd, { lr, momentum, weightDecay }, engine)),
  };
  const images = imagesIn(golden.images, golden.batch);
  const [batch, channels, height, width] = images.shape;
  const shape = [batch, height, width, channels] as const;
  const model = assembleModel(composition as Composition, shape, () => undefined); // reads no dataset
  const views = imageViews(engine, steps, images, factor);
  const inputs = steps.map((one, index) => inputsOf(engine, views, golden, one, index));
  let state = officialState(engine, model, composition.optimizer, golden);
  const compiled = engine.compile(trainingStep({ engine, model, views, ...composition }), state, inputs[0]!, precision);
  const done: OurStep[] = [];
  try {
    for (const one of inputs) {
      const result = compiled.run(state, one);
      tf.dispose(state);
      state = result.state;
      done.push(readStep(model, shape, state, result.outputs));
      tf.dispose(result.outputs);
    }
  } finally {
    compiled.dispose();
    tf.dispose([state, inputs]);
  }
  return done;
}

/** The ranges and bit widths that quantizers are given in a step, in the order of their sites. */
class Ranges {
  readonly #seen: { [part: string]: Tensor }[] = [];

  of(operand: 'weights' | 'activations', quantizer: Quantizer): Quantizer {
    return {
      ...quantizer,
      fakeQuantize: (x, range, bits, trained) => {
        this.#seen.push({ [`${operand}.min`]: range.min, [`${operand}.max`]: range.max, [`${operand}.bits`]: bits });
        return quantizer.fakeQuantize(x, range, bits, trained);
      },
    };
  }

  /** Forgets those of the pass before. */
  begin(): void {
    this.#seen.length = 0;
  }

  /** As parts of an objective: `<side>.min.<n>`, n counts the side's sites. Later views are given the same. */
  parts(): { readonly [part: string]: Tensor } {
    const counts: { [part: string]: number } = {};
    return Object.fromEntries(
      this.#seen.flatMap((one) =>
        Object.entries(one).map(([part, tensor]) => [`${part}.${(counts[part] = (counts[part] ?? -1) + 1)}`, tensor]),
      ),
    );
  }
}

/** The wrapper's objective with all that a golden file compares among its parts: what a step has no name for, it would not return. */
function showing(
  { method, wrapper, outputs }: Algorithm,
  ranges: Ranges,
): { readonly method: Method; readonly wrapper: Wrapper } {
  const onlines: unknown[] = [];
  let targets: unknown;
  return {
    method: {
      ...method,
      online(branch, views, values) {
        const online = method.online(branch, views, values);
        onlines.push(online);
        return online;
      },
      targets: (online, context) => (targets = method.targets(online, context)),
    },
    wrapper: {
      precisions: wrapper.precisions,
      objective(watched, branches, views) {
        onlines.length = 0;
        ranges.begin();
        const objective = wrapper.objective(watched, branches, views);
        const seen = outputs({ float: onlines[0], quantized: onlines[1], targets });
        // Parts are scalars to a training; a step returns them whatever their shape.
        const parts = { ...objective.parts, ...prefixed('output.', seen), ...ranges.parts() };
        return { ...objective, parts: parts as { readonly [name: string]: Scalar } };
      },
    },
  };
}

function prefixed<T>(prefix: string, values: { readonly [name: string]: T }): { readonly [name: string]: T } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

/** The optimizer with each gradient in a slot more. */
function keepingGradients(optimizer: Optimizer): Optimizer {
  return {
    ...optimizer,
    slots: [...optimizer.slots, 'gradient'],
    update(parameter, learningRate, step) {
      const slots = parameter.slots.slice(0, -1);
      const updated = optimizer.update({ ...parameter, slots }, learningRate, step);
      return { ...updated, slots: [...updated.slots, parameter.gradient.clone()] };
    },
  };
}

/** The official start: weights, a momentum encoder that may have its own, a queue of keys. */
function officialState(
  engine: Engine,
  model: Model,
  optimizer: Optimizer,
  { params, config }: GoldenTraining,
): Tensors {
  const { tf } = engine;
  const tensor = ({ values, shape }: HostTensor): Tensor => tf.tensor(values, [...shape]);
  const official = (one: Parameter, name: string): Tensor =>
    tensor(goldenParameter(`param/${officialName(name)}`, one, goldenRecipe));
  const own = params.includes('encoder_k.*');
  const begun = initialState(engine, model, optimizer, 0);
  const given: Tensors = Object.fromEntries([
    ...model.parameters.map((one) => [one.name, official(one, one.name)] as const),
    ...(model.momentum?.parameters ?? []).map(
      ({ name, follows }) => [name, official(follows, own ? name : follows.name)] as const,
    ),
    ...Object.keys(model.memory).map((name) => {
      const queue = tensor(goldenRecipe('moco/queue', [config.DIM, config.MOCO_K!]));
      const keys = tf.tidy(() => tf.transpose(tf.div(queue, tf.sqrt(tf.sum(tf.square(queue), 0, true)))));
      queue.dispose();
      return [memoryName(name), keys] as const;
    }),
  ]);
  tf.dispose(Object.keys(given).map((name) => begun[name]!));
  return { ...begun, ...given };
}

/** Views that are the images of a step themselves: they come in the place of random numbers; a step's epoch says which. */
function imageViews({ tf }: Engine, steps: readonly GoldenInputs[], images: StatedImages, factor: number): Views {
  const [, channels, height, width] = images.shape;
  return viewsOf(
    [
      {
        shape: [height, width, channels],
        draws: height * width * channels,
        draw: ({ epoch, view }) =>
          toNhwc(recipeNamed(steps[epoch]!.images[view]!, images.shape, images)).values.map((value) => value * factor),
        apply: (images, drawn) => tf.reshape(drawn, images.shape),
        evaluate: (images) => images,
      },
    ],
    steps[0]!.images.length,
  );
}

function inputsOf(
  engine: Engine,
  views: Views,
  { batch, sgd: { lr }, config }: GoldenTraining,
  { images, w_bit, a_bit }: GoldenInputs,
  index: number,
): Tensors {
  const precisions: Precision[] = w_bit === undefined ? [] : [{ weights: w_bit, activations: a_bit! }];
  return stepInputs(engine, views, images.length, 0, {
    images: new Uint8Array(batch * views.recipe(0).draws),
    imageShape: views.shape,
    samples: Uint32Array.from({ length: batch }, (_, sample) => sample),
    epoch: index,
    step: 0,
    learningRate: lr,
    momentum: config.MOMENTUM,
    precisions,
  });
}

function readStep(model: Model, images: readonly number[], state: Tensors, outputs: Tensors): OurStep {
  const read = (name: string): HostTensor => toHost(state[name]!);
  const parts = new Map(
    Object.entries(outputs).map(([name, tensor]) => [name.replace(/^part\./, ''), toHost(tensor)] as const),
  );
  const scalar = (name: string): number | undefined => parts.get(name)?.values[0];
  const { weightSites, outputSites } = describe(model.encoder, images);
  const { pins } = model.quantization;
  const { momentum } = model;
  const tensors = [
    ...model.parameters,
    ...model.statistics,
    ...(momentum?.parameters ?? []),
    ...(momentum?.statistics ?? []),
  ];
  return {
    loss: scalar('loss')!,
    parts: { float: scalar('float'), quantized: scalar('quantized') },
    outputs: Object.fromEntries(
      [...parts].flatMap(([name, host]) => (name.startsWith('output.') ? [[name.slice('output.'.length), host]] : [])),
    ),
    gradients: new Map(
      model.parameters
        .filter(({ frozen }) => !frozen)
        .map((one) => [officialName(one.name), toTorch(one, read(slotName('gradient', one.name)))]),
    ),
    without: model.parameters.filter(({ frozen }) => frozen).map(({ name }) => officialName(name)),
    norms: new Map(tensors.map(({ name }) => [officialName(name), normOf(read(name).values)])),
    queue: Object.keys(model.memory).map((name) => read(memoryName(name)))[0],
    ranges: {
      weights: rangesOf(parts, 'weights', quantizedSites(weightSites, pins.weights)),
      activations: rangesOf(parts, 'activations', quantizedSites(outputSites, pins.activations)),
    },
  };
}

function quantizedSites(sites: readonly string[], pinned: ReadonlyMap<string, Bits>): readonly string[] {
  return sites.filter((site) => pinned.get(site) !== 'float');
}

/** A site's name among the official quantizers. */
function officialSite(site: string): string {
  return officialName(site).replace('encoder_q.', '').replace('downsample.0', 'downsample');
}

function rangesOf(
  parts: ReadonlyMap<string, HostTensor>,
  operand: 'weights' | 'activations',
  sites: readonly string[],
): ReadonlyMap<string, OurRange> {
  return new Map(
    sites.flatMap((site, index) => {
      const [bits, min, max] = ['bits', 'min', 'max'].map((of) => parts.get(`${operand}.${of}.${index}`)?.values);
      if (!bits || !min || !max) return []; // a float step
      return [[officialSite(site), { bits: bits[0]!, min, max }] as const];
    }),
  );
}

function toTorch({ role }: Parameter, tensor: HostTensor): HostTensor {
  return role === 'convolution' ? toOihw(tensor) : role === 'linear' ? toInOut(tensor) : tensor;
}
