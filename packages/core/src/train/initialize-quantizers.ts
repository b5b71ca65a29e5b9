import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine, Tensors } from '../engine/engine.js';
import { execute } from '../nn/execute.js';
import { batchStatistics } from '../nn/normalization.js';
import { initializingFromOutputs, needsOutputs } from './quantizer-parameters.js';
import type { Model } from './model.js';
import { INPUTS } from './step-inputs.js';
import type { Views } from './views.js';

/**
 * The state before the first step. Tensors that quantizers train at outputs are initialized by a float pass over the step's first view.
 * Replaced tensors of `state` are disposed; nothing else changes, not even running statistics.
 */
export function initializeQuantizers(
  engine: Engine,
  model: Model,
  views: Views,
  state: Tensors,
  inputs: Tensors,
): Tensors {
  if (!model.quantizerParameters.some(needsOutputs)) return state;
  const { tf } = engine;
  const begun = tf.tidy(() => {
    const initial: { [name: string]: Tensor } = {};
    const parameter = (name: string): Tensor => state[name]!; // a state holds all tensors of its model
    const normalization = batchStatistics(engine, new Map(Object.entries(state)), (tensor) => tensor);
    const bytes = inputs[INPUTS.images] as Tensor4D;
    const drawn = inputs[INPUTS.draws(0)] ?? tf.zeros([bytes.shape[0], 0]);
    const sites = initializingFromOutputs(tf, model.quantizerParameters, initial);
    model.encoder.forward(
      execute(engine, { parameter, normalization, sites }),
      views.recipe(0).apply(bytes, drawn as Tensor2D) as Tensor,
    );
    return initial;
  });
  tf.dispose(Object.keys(begun).map((name) => state[name]!));
  return { ...state, ...begun };
}
