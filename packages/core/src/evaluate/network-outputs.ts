import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine, Tensors } from '../engine/engine.js';
import type { Dataset } from '../kinds/data.js';
import type { ImageBatch, NetworkOutputs, OutputRequest } from '../kinds/stage.js';
import { describe } from '../nn/describe.js';
import { execute, NO_HOOKS, type SiteHooks } from '../nn/execute.js';
import { batchStatistics } from '../nn/normalization.js';
import { formatPrecision } from '../quantization/precision.js';
import { permutation, random } from '../random.js';
import type { Model } from '../train/model.js';
import { initialFromWeights, initializingFromOutputs, trainedParameters } from '../train/quantizer-parameters.js';
import { observedRanges, observing, quantizing, type Observations } from '../train/site-hooks.js';
import { bitInputs, readBits, readViews, stepInputs } from '../train/step-inputs.js';
import { headUnknown } from '../train/train-errors.js';
import type { Views } from '../train/views.js';

/** The name of backbone and projector in requests for outputs. */
const ENCODER = 'encoder';

/** Names of the networks whose outputs can be requested. */
export function outputNetworks({ heads }: Pick<Model, 'heads'>): readonly string[] {
  return [ENCODER, ...Object.keys(heads)];
}

/** Views of one batch of training images, `count` of each: a function of only the seed. */
export async function trainingViews(
  { engine, views, dataset }: { readonly engine: Engine; readonly views: Views; readonly dataset: Dataset },
  { seed, batch, count }: { readonly seed: number; readonly batch: number; readonly count: number },
): Promise<readonly ImageBatch[]> {
  const samples = permutation(dataset.train.size, random(seed, 'view outputs')).slice(0, batch);
  const images = await dataset.train.read(samples);
  const settings = { images, imageShape: dataset.shape, samples, epoch: 0, learningRate: 0, precisions: [] };
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

/**
 * Outputs of networks for images at a precision, as in a training step: batch norms normalize by the batch; ranges come from float passes
 * over all batches.
 * @param state the state of training, owned by the caller
 * @throws SsqlError HEAD_UNKNOWN
 */
export async function networkOutputs(
  { engine, model }: { readonly engine: Engine; readonly model: Model },
  state: Tensors,
  { networks, precision, images }: OutputRequest,
): Promise<NetworkOutputs> {
  const { tf } = engine;
  const known = outputNetworks(model);
  for (const name of networks) if (!known.includes(name)) throw headUnknown(name, known);
  const bits = bitInputs(engine, precision, 0);
  try {
    const made = tf.tidy(() => {
      const batches = images.map(({ shape, values }) => tf.tensor4d(values, [...shape]));
      const [shape = []] = images.map((batch) => batch.shape);
      const normalization = batchStatistics(engine, new Map(Object.entries(state)), (tensor) => tensor);
      // If training quantized nothing, the tensors that quantizers train are initialized from the trained weights, as in evaluation.
      const untrained = trainedParameters(model.quantization, describe(model.encoder, shape)).filter(
        ({ name }) => state[name] === undefined,
      );
      const initialized: { [name: string]: Tensor } = {
        ...initialFromWeights(tf, untrained, (layer) => state[`${layer}.weight`]!),
      };
      const parameter = (name: string): Tensor => (state[name] ?? initialized[name])!; // all tensors of the model
      const encode = (batch: Tensor4D, sites: SiteHooks): Tensor2D =>
        model.encoder.forward(execute(engine, { parameter, normalization, sites }), batch as Tensor) as Tensor2D;
      const observations: Observations = new Map();
      const observe = initializingFromOutputs(tf, untrained, initialized, observing(model.quantization, observations));
      const float = batches.map((batch) => encode(batch, observe));
      const ranges = observedRanges(model.quantization, observations);
      const sites = quantizing(tf, model.quantization, readBits(bits, 0), ranges, parameter);
      const features = formatPrecision(precision) === 'float' ? float : batches.map((batch) => encode(batch, sites));
      const heads = execute(engine, { parameter, normalization, sites: NO_HOOKS });
      const outputs = networks.map((name) => {
        const head = model.heads[name];
        return [name, head ? features.map((z) => head.forward(heads, z as Tensor)) : features] as const;
      });
      return Object.fromEntries(outputs.map(([name, tensors]) => [name, tensors.map((tensor) => tf.clone(tensor))]));
    });
    try {
      const read = (tensors: readonly Tensor[]): Promise<Float32Array[]> =>
        Promise.all(tensors.map(async (tensor) => Float32Array.from(await tensor.data())));
      const entries = Object.entries(made).map(async ([name, tensors]) => [name, await read(tensors)] as const);
      return Object.fromEntries(await Promise.all(entries));
    } finally {
      tf.dispose(made);
    }
  } finally {
    tf.dispose(bits);
  }
}
