import type { Tensor } from '@tensorflow/tfjs-core';
import type { StoredTensor } from '../artifact/safetensors.js';
import { toTorch } from '../artifact/torch-layout.js';
import type { NamedWeights } from '../kinds/run-record.js';
import type { Engine, Tensors } from '../engine/engine.js';
import { checkpointMismatch } from './train-errors.js';
import { initialStatistic, initialValue } from '../nn/initialize.js';
import type { Parameter, Statistic } from '../nn/describe.js';
import { random } from '../random.js';
import { floatName } from './batch-norms.js';
import type { InitialWeights } from './initial-weights.js';
import { initialFromWeights } from './quantizer-parameters.js';
import { memoryName, type Model } from './model.js';
import type { Optimizer } from '../kinds/optimizer.js';
import { slotName, slotsOf } from './optimizer-slots.js';

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  initial(): Float32Array;
}

/**
 * The initial state of training: parameters from the seed, running statistics, a momentum encoder that copies the encoder, the method's
 * memory, optimizer slots.
 */
export function initialState(
  { tf }: Pick<Engine, 'tf'>,
  model: Model,
  optimizer: Optimizer,
  seed: number,
  initial: InitialWeights = {},
): Tensors {
  const entries = stateEntries(model, optimizer, seed, initial);
  const state = Object.fromEntries(entries.map(({ name, shape, initial }) => [name, tf.tensor(initial(), [...shape])]));
  // Each layer with a weight site has a weight.
  const begun = tf.tidy(() => initialFromWeights(tf, model.quantizerParameters, (layer) => state[`${layer}.weight`]!));
  tf.dispose(Object.keys(begun).map((name) => state[name]!));
  return { ...state, ...begun };
}

/** The state in a checkpoint. @throws SsqlError CHECKPOINT_MISMATCH */
export function restoreState(
  { tf }: Pick<Engine, 'tf'>,
  model: Model,
  optimizer: Optimizer,
  stored: readonly StoredTensor[],
): Tensors {
  const byName = new Map(stored.map((tensor) => [tensor.name, tensor]));
  const restored = stateEntries(model, optimizer, 0).map(({ name, shape }) => {
    const tensor = byName.get(name);
    if (tensor === undefined) throw checkpointMismatch(`it lacks ${name}`);
    if (tensor.shape.join() !== shape.join())
      throw checkpointMismatch(
        `${name} is [${tensor.shape.join()}] in the checkpoint and [${shape.join()}] in the network`,
      );
    return tensor;
  });
  return Object.fromEntries(restored.map(({ name, shape, values }) => [name, tf.tensor(values, [...shape])]));
}

/** The state's values, for a checkpoint. They may be the tensors' own memory. */
export async function storeState(state: Tensors): Promise<StoredTensor[]> {
  return Promise.all(
    Object.entries(state).map(async ([name, tensor]) => {
      return { name, shape: tensor.shape, dtype: 'F32', values: await floats(tensor) } as const;
    }),
  );
}

/** Parameters, running statistics and tensors that quantizers trained, in torch layout. */
export async function exportWeights(model: Model, state: Tensors): Promise<NamedWeights[]> {
  const names = [...model.parameters, ...model.statistics, ...model.quantizerParameters].map(({ name }) => name);
  return Promise.all(
    names.map(async (name) => {
      const tensor = state[name]!; // a state holds all tensors of its model
      return { name, ...toTorch(await floats(tensor), tensor.shape) };
    }),
  );
}

function stateEntries(
  model: Model,
  optimizer: Optimizer,
  seed: number,
  { values, convolutions }: InitialWeights = {},
): Entry[] {
  // Batch norms of quantized passes start as those of the float branch.
  const override = (name: string): Float32Array | undefined => values?.get(name) ?? values?.get(floatName(name));
  const parameter = (source: Parameter): Entry => ({
    ...source,
    initial: () => override(source.name) ?? initialValue(source, seed, convolutions),
  });
  const statistic = (source: Statistic): Entry => ({
    ...source,
    initial: () => override(source.name) ?? initialStatistic(source),
  });
  return [
    ...model.parameters.map(parameter),
    ...model.statistics.map(statistic),
    ...(model.momentum?.parameters ?? []).map(({ name, follows }) => ({ ...parameter(follows), name })),
    ...(model.momentum?.statistics ?? []).map(statistic),
    ...Object.entries(model.memory).map(([name, { shape, initial }]) => ({
      name: memoryName(name),
      shape,
      initial: () => initial(random(seed, `memory ${name}`)),
    })),
    ...model.quantizerParameters.map(({ name, shape, initial }) => ({
      name,
      shape,
      // A value that depends on outputs is replaced before the first step; if it were not, the loss would be NaN.
      initial: () => zeros(shape).fill(typeof initial === 'number' ? initial : NaN),
    })),
    ...slotsOf(optimizer).flatMap((slot) =>
      model.trained.map(({ name, shape }) => ({
        name: slotName(slot.name, name),
        shape: slot.shape(shape),
        initial: () => zeros(slot.shape(shape)).fill(slot.initial),
      })),
    ),
  ];
}

function zeros(shape: readonly number[]): Float32Array {
  return new Float32Array(shape.reduce((product, length) => product * length, 1));
}

function floats(tensor: Tensor): Promise<Float32Array> {
  return tensor.data<'float32'>();
}
