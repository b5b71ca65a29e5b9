import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';
import { describe } from '../nn/describe.js';
import { execute, NO_HOOKS, type SiteHooks } from '../nn/execute.js';
import { batchStatistics } from '../nn/normalization.js';
import { formatPrecision, type Precision } from '../quantization/precision.js';
import { initializingFromOutputs, initialFromWeights, trainedParameters } from '../train/quantizer-parameters.js';
import { observedRanges, observing, quantizing, type Observations } from '../train/site-hooks.js';
import { permutation, random } from '../random.js';
import type { PreparedRun } from '../run/prepared-run.js';
import type { ViewOutputs } from '../kinds/stage.js';
import { bitInputs, readBits, readViews, stepInputs } from '../train/step-inputs.js';

/**
 * Outputs of the whole networks on views of one batch, as a training step computes them.
 * @param state of the training; stays the caller's
 */
export async function viewOutputs(
  { engine, cell, composition, views, model }: PreparedRun,
  state: Tensors,
  precision: Precision,
): Promise<ViewOutputs> {
  const { tf } = engine;
  const { dataset, method } = composition;
  const { seed, train } = cell.pipeline;
  const samples = permutation(dataset.train.size, random(seed, 'view outputs')).slice(0, train.batch);
  const images = await dataset.train.read(samples);
  const given = { images, imageShape: dataset.shape, samples, epoch: 0, learningRate: 0, precisions: [] };
  const count = Math.max(2, method.views);
  const inputs = stepInputs(engine, views, count, seed, given);
  const bits = bitInputs(engine, precision, 0);
  try {
    const made = tf.tidy(() => {
      const pass = batchStatistics(engine, new Map(Object.entries(state)), (tensor) => tensor);
      // Where training quantized nothing, what quantizers train begins with what was trained, as in evaluation.
      const untrained = trainedParameters(model.quantization, describe(model.encoder, [train.batch, ...views.shape])).filter(
        ({ name }) => state[name] === undefined,
      );
      const begun: { [name: string]: Tensor } = {
        ...initialFromWeights(tf, untrained, (layer) => state[`${layer}.weight`]!),
      };
      const parameter = (name: string): Tensor => (state[name] ?? begun[name])!; // all tensors of the model
      const encode = (images: Tensor4D, sites: SiteHooks): Tensor2D =>
        model.encoder.forward(execute(engine, { parameter, normalization: pass, sites }), images as Tensor) as Tensor2D;
      const seen = readViews(engine, views, count, inputs);
      const observations: Observations = new Map();
      const floats = seen.map((view) =>
        encode(view, initializingFromOutputs(tf, untrained, begun, observing(model.quantization, observations))),
      );
      const sites = quantizing(
        tf,
        model.quantization,
        readBits(bits, 0),
        observedRanges(model.quantization, observations),
        parameter,
      );
      const features = formatPrecision(precision) === 'float' ? floats : seen.map((view) => encode(view, sites));
      const heads = execute(engine, { parameter, normalization: pass, sites: NO_HOOKS });
      const predictor = model.heads['predictor'];
      const predictions = predictor ? features.map((z) => predictor.forward(heads, z as Tensor)) : features;
      return { features, predictions: predictions.map((tensor) => tf.clone(tensor)) };
    });
    try {
      const read = (tensors: readonly Tensor[]): Promise<Float32Array[]> =>
        Promise.all(tensors.map(async (tensor) => Float32Array.from(await tensor.data())));
      return { features: await read(made.features), predictions: await read(made.predictions), count: samples.length };
    } finally {
      tf.dispose(made);
    }
  } finally {
    tf.dispose([inputs, bits]);
  }
}
