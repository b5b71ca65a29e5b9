import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine, Tensors } from '../engine/engine.js';
import type { Dataset } from '../kinds/data.js';
import type { ImageBatch, NetworkOutputs, OutputRequest } from '../kinds/stage.js';
import type { ObserverState } from '../kinds/observer.js';
import { describe } from '../nn/describe.js';
import { execute, NO_HOOKS, type SiteHooks } from '../nn/execute.js';
import type { Network } from '../nn/network.js';
import { batchStatistics } from '../nn/normalization.js';
import { formatPrecision, type Precision } from '../quantization/precision.js';
import { permutation, random } from '../random.js';
import type { Model } from '../train/model.js';
import { batchNormsAt, withBatchNorms } from '../train/batch-norms.js';
import { initialFromWeights, initializingFromOutputs, trainedParameters } from '../train/quantizer-parameters.js';
import { readImages } from '../train/read-images.js';
import { observedRanges, observing, quantizing, type BitInputs, type Observations } from '../train/site-hooks.js';
import { bitInputs, readBits, readViews, stepInputs } from '../train/step-inputs.js';
import { headUnknown, momentumMissing } from '../train/train-errors.js';
import type { Views } from '../train/views.js';

/** The name of backbone and projector in requests for outputs. */
const ENCODER = 'encoder';
/** The name of the momentum encoder. */
const MOMENTUM = 'momentum';

/** Names of the networks whose outputs can be requested. */
export function outputNetworks({ heads, momentum }: Pick<Model, 'heads' | 'momentum'>): readonly string[] {
  return [ENCODER, ...Object.keys(heads), ...(momentum === undefined ? [] : [MOMENTUM])];
}

interface ViewBatch {
  readonly seed: number;
  /** Images in the batch. */
  readonly batch: number;
  /** Views of each. */
  readonly count: number;
  /** From 0. Each pass over the images has another order and other augmentations. */
  readonly index: number;
}

/** Views of a batch of training images: a function of only the seed and the index. */
export async function trainingViews(
  { engine, views, dataset }: { readonly engine: Engine; readonly views: Views; readonly dataset: Dataset },
  { seed, batch, count, index }: ViewBatch,
): Promise<readonly ImageBatch[]> {
  const perPass = Math.floor(dataset.train.size / batch);
  const [pass, first] = [Math.floor(index / perPass), (index % perPass) * batch];
  const order = permutation(dataset.train.size, random(seed, 'view outputs', ...(pass === 0 ? [] : [pass])));
  const samples = order.slice(first, first + batch);
  const settings = {
    ...(await readImages(dataset.train, samples)),
    imageShape: dataset.shape,
    samples,
    epoch: pass,
    step: 0,
    learningRate: 0,
    precisions: [],
  };
  const inputs = stepInputs(engine, views, count, seed, settings);
  const made = engine.tf.tidy(() => readViews(engine, views, count, inputs));
  try {
    return await Promise.all(
      made.map(async (view) => ({ shape: view.shape, values: Float32Array.from(await view.data()) })),
    );
  } finally {
    engine.tf.dispose([inputs, made]);
  }
}

/** The networks and their state, which the caller owns. */
export interface Observed {
  readonly engine: Engine;
  readonly model: Model;
  readonly state: Tensors;
  /** As in StageContext: awaited once per precision. */
  readonly progress: (message: string, done: number, total: number) => Promise<void>;
}

/**
 * Outputs of networks for images at each precision, as in a training step: batch norms normalize by the batch; ranges come from float
 * passes over all batches, which are made once.
 * @throws SsqlError HEAD_UNKNOWN, MOMENTUM_MISSING
 */
export async function networkOutputs(
  observed: Observed,
  { networks, precisions, images }: OutputRequest,
): Promise<readonly NetworkOutputs[]> {
  const { engine, model, progress } = observed;
  const { tf } = engine;
  const known = outputNetworks(model);
  for (const name of networks) if (!known.includes(name)) throw headUnknown(name, known);
  if (networks.includes(MOMENTUM) && model.momentum?.parameters.some(({ name }) => observed.state[name] === undefined))
    throw momentumMissing();
  const float = tf.tidy(() => floatPasses(observed, images, networks.includes(MOMENTUM)));
  const outputs: NetworkOutputs[] = [];
  try {
    for (const precision of precisions) {
      const bits = bitInputs(engine, precision, 0);
      const made = tf.tidy(() => outputsAt(observed, networks, float, { bits: readBits(bits, 0), precision }));
      try {
        outputs.push(await readAll(made));
      } finally {
        tf.dispose([made, bits]);
      }
      await progress(`outputs ${formatPrecision(precision)}`, outputs.length, precisions.length);
    }
    return outputs;
  } finally {
    tf.dispose(float);
  }
}

/** What float passes over the images leave. */
type FloatPasses = {
  readonly batches: Tensor4D[];
  readonly features: Tensor2D[];
  /** Outputs of the momentum encoder, if they are requested. */
  readonly momentum: Tensor[];
  /** By site. */
  readonly observations: { readonly [site: string]: ObserverState };
  /** Tensors that quantizers train. If training quantized nothing, they are initialized from the trained weights, as in evaluation. */
  readonly initialized: Tensors;
};

function floatPasses(
  { engine, model, state }: Observed,
  images: readonly ImageBatch[],
  withMomentum: boolean,
): FloatPasses {
  const { tf } = engine;
  const batches = images.map(({ shape, values }) => tf.tensor4d(values, [...shape]));
  const [shape = []] = images.map((batch) => batch.shape);
  const untrained = trainedParameters(model.quantization, describe(model.encoder, shape)).filter(
    ({ name }) => state[name] === undefined,
  );
  const initialized: { [name: string]: Tensor } = {
    ...initialFromWeights(tf, untrained, (layer) => state[`${layer}.weight`]!),
  };
  const observations: Observations = new Map();
  const observe = initializingFromOutputs(tf, untrained, initialized, observing(model.quantization, observations));
  const features = batches.map(
    (batch) => forward(engine, model.encoder, { ...state, ...initialized }, batch, observe) as Tensor2D,
  );
  const encoder = withMomentum ? model.momentum?.network : undefined;
  const momentum = encoder === undefined ? [] : batches.map((batch) => forward(engine, encoder, state, batch));
  return { batches, features, momentum, observations: Object.fromEntries(observations), initialized };
}

/** Outputs of the networks for each batch; float if there are no bit widths. */
function outputsAt(
  { engine, model, state }: Observed,
  networks: readonly string[],
  { batches, features: float, momentum, observations, initialized }: FloatPasses,
  { bits, precision }: { readonly bits: BitInputs; readonly precision: Precision },
): { readonly [network: string]: Tensor[] } {
  const { tf } = engine;
  const set = batchNormsAt(model.quantization.batchNorms ?? [], precision);
  const tensors = withBatchNorms({ ...state, ...initialized }, set);
  const ranges = observedRanges(model.quantization, new Map(Object.entries(observations)));
  const sites = quantizing(tf, model.quantization, bits, ranges, (name) => tensors[name]!);
  const isFloat = Object.keys(bits).length === 0;
  const features = isFloat
    ? float
    : batches.map((batch) => forward(engine, model.encoder, tensors, batch, sites) as Tensor2D);
  const outputs = networks.map((name) => {
    const head = model.heads[name];
    const ofEncoder = name === MOMENTUM ? momentum : features;
    const tensorsOf = head ? features.map((z) => forward(engine, head, tensors, z)) : ofEncoder;
    return [name, tensorsOf.map((tensor) => tf.clone(tensor))] as const;
  });
  return Object.fromEntries(outputs);
}

async function readAll(outputs: { readonly [network: string]: Tensor[] }): Promise<NetworkOutputs> {
  const read = (tensors: readonly Tensor[]): Promise<Float32Array[]> =>
    Promise.all(tensors.map(async (tensor) => Float32Array.from(await tensor.data())));
  const entries = Object.entries(outputs).map(async ([name, tensors]) => [name, await read(tensors)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** A network with the statistics of its batch; all tensors of the model are among `tensors`. */
function forward(engine: Engine, network: Network, tensors: Tensors, x: Tensor, sites: SiteHooks = NO_HOOKS): Tensor {
  const normalization = batchStatistics(engine, new Map(Object.entries(tensors)), (tensor) => tensor);
  return network.forward(execute(engine, { parameter: (name) => tensors[name]!, normalization, sites }), x);
}
