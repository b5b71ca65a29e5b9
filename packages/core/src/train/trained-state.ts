import type { StoredTensor } from '../artifact/safetensors.js';
import { fromTorch } from '../artifact/torch-layout.js';
import type { NamedWeights } from '../kinds/run-record.js';
import type { Engine, Tensors } from '../engine/engine.js';
import { weightsMismatch } from './train-errors.js';
import type { Model } from './model.js';

interface Laid {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/**
 * The trained tensors that evaluation reads: those of the weights, and of the checkpoint only the momentum encoder, which weights lack.
 * @param checkpoint the tensors of the checkpoint at the end; without it, there is no momentum encoder
 * @throws SsqlError WEIGHTS_MISMATCH
 */
export function trainedState(
  { tf }: Pick<Engine, 'tf'>,
  model: Model,
  weights: readonly NamedWeights[],
  checkpoint: readonly StoredTensor[],
): Tensors {
  const stored = new Map<string, Laid>(weights.map(({ name, values, shape }) => [name, fromTorch(values, shape)]));
  const wanted = [...model.parameters, ...model.statistics, ...model.quantizerParameters];
  const trained = wanted.map(({ name, shape }) => {
    const tensor = stored.get(name);
    if (tensor === undefined) throw weightsMismatch(`they lack ${name}`);
    const [has, needs] = [tensor.shape.join(), shape.join()];
    if (has !== needs) throw weightsMismatch(`${name} is [${has}] in the weights and [${needs}] in the network`);
    return { ...tensor, name };
  });
  const momentum = checkpoint.filter(({ name }) => name.startsWith('momentum.'));
  return Object.fromEntries(
    [...trained, ...momentum].map(({ name, shape, values }) => [name, tf.tensor(values, [...shape])]),
  );
}
