import type { Engine, Tensors } from '../engine/engine.js';
import { unitLength } from '../nn/execute.js';
import type { Model } from './model.js';
import { readTensor } from './read-tensor.js';

/** The state with weights scaled to length 1 where a network asks for it (`unitWeights`). */
export function withUnitWeights(
  { tf }: Pick<Engine, 'tf'>,
  { parameters }: Pick<Model, 'parameters'>,
  state: Tensors,
): Tensors {
  const scaled = parameters.flatMap(({ name, unitLength: scales = false }) =>
    scales ? [[name, unitLength(tf, readTensor(state, name), 0)] as const] : [],
  );
  return scaled.length === 0 ? state : { ...state, ...Object.fromEntries(scaled) };
}
