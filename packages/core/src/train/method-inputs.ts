import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Engine, Tensors } from '../engine/engine.js';
import type { Draw, Method, StepValues } from '../kinds/method.js';
import type { SchedulePoint } from '../kinds/schedule.js';
import { brokenBy } from '../plugin/plugin-of.js';
import { random } from '../random.js';
import { readTensor } from './read-tensor.js';
import { methodStateInvalid } from './train-errors.js';

const SCALAR = 'method.scalar.';
const DRAW = 'method.draw.';

/** The name of the step's input that is true if a network of the method is frozen. */
function frozenName(network: string): string {
  return `method.frozen.${network}`;
}

/**
 * The inputs of a step that the method declares in `scalars`, `draws` and `frozen`; the caller disposes them.
 * @throws SsqlError METHOD_STATE_INVALID if a scalar is not finite
 */
export function methodInputs(
  { tf }: Pick<Engine, 'tf'>,
  method: Pick<Method, 'scalars' | 'draws' | 'frozen'>,
  { seed, batch }: { readonly seed: number; readonly batch: number },
  at: SchedulePoint,
): Tensors {
  const scalars = Object.entries(method.scalars?.(at) ?? {});
  const invalid = scalars.find(([, value]) => !Number.isFinite(value));
  if (invalid !== undefined) throw methodStateInvalid(`its scalar \`${invalid[0]}\` is ${invalid[1]}`);
  const drawn = (purpose: string, { shape, element }: Draw): Tensor => {
    const source = random(seed, `method ${purpose}`, at.step);
    const lengths = [...shape(batch)];
    const values = new Float32Array(lengths.reduce((product, length) => product * length, 1));
    return tf.tensor(
      values.map(() => element(source)),
      lengths,
    );
  };
  return Object.fromEntries([
    ...scalars.map(([name, value]) => [SCALAR + name, tf.scalar(value)] as const),
    ...Object.entries(method.draws ?? {}).map(([purpose, draw]) => [DRAW + purpose, drawn(purpose, draw)] as const),
    ...Object.entries(method.frozen ?? {}).map(
      ([network, frozen]) => [frozenName(network), tf.scalar(frozen(at), 'bool')] as const,
    ),
  ]);
}

/**
 * Refuses inputs that a method declares otherwise than in the first step that it is given: a compiled step has the names and shapes of its
 * first.
 * @throws SsqlError PLUGIN_BROKEN
 */
export function sameMethodInputs(method: Pick<Method, 'scalars' | 'draws'>): (inputs: Tensors) => void {
  let first: string | undefined;
  return (inputs) => {
    const declared = Object.entries(inputs)
      .filter(([name]) => name.startsWith(SCALAR) || name.startsWith(DRAW))
      .map(([name, { shape }]) => `${name.replace(/^method\./, '')} [${shape.join()}]`)
      .join(', ');
    first ??= declared;
    if (declared !== first)
      throw brokenBy(
        method,
        `declares ${declared || 'nothing'} for a step; expected ${first || 'nothing'}, as for the first`,
      );
  };
}

/** The method's scalars and draws among a step's inputs. */
export function readStepValues(inputs: Tensors): StepValues {
  const named = (prefix: string): Tensors =>
    Object.fromEntries(
      Object.entries(inputs).flatMap(([name, tensor]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
      ),
    );
  return { scalars: named(SCALAR) as { readonly [name: string]: Scalar }, draws: named(DRAW) }; // `methodInputs` made them
}

/**
 * The next state, in which the tensors of frozen networks are those of the state.
 * @param names the tensors that belong to a trained parameter, by the networks that can be frozen
 */
export function withoutFrozen(
  { tf }: Pick<Engine, 'tf'>,
  names: ReadonlyMap<string, readonly string[]>,
  { state, inputs }: { readonly state: Tensors; readonly inputs: Tensors },
  next: Tensors,
): Tensors {
  const kept = [...names].flatMap(([network, tensors]) => {
    const frozen = readTensor(inputs, frozenName(network));
    return tensors.map((name) => {
      const [before, after] = [readTensor(state, name), readTensor(next, name)];
      return [name, tf.where(frozen, before, after)] as const;
    });
  });
  return { ...next, ...Object.fromEntries(kept) };
}
