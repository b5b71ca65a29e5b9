import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine, Tensors } from '../engine/engine.js';
import { headUnknown, methodStateInvalid } from './train-errors.js';
import { execute, NO_HOOKS } from '../nn/execute.js';
import { batchStatistics, type Statistics } from '../nn/normalization.js';
import type { Branch, Method } from '../kinds/method.js';
import { readStepValues } from './method-inputs.js';
import { memoryName, type Model } from './model.js';
import { readTensor } from './read-tensor.js';
import { INPUTS } from './step-inputs.js';
import type { WrappedMethod } from '../kinds/wrapper.js';

/** What the passes of a step read and update. */
export interface Pass {
  readonly state: Tensors;
  readonly inputs: Tensors;
  readonly statistics: Statistics;
  readonly keep: <T extends Tensor>(tensor: T) => T;
}

/** The persistent state of a method, in one step. */
export interface MethodState {
  /** The updated parameters of the momentum encoder, by their names in the state. */
  readonly parameters: Tensors;
  /** The method as wrappers see it, on these views. */
  bind(views: readonly Tensor4D[]): WrappedMethod;
  /** How often `targets` was called. */
  calls(): number;
  /** The memory of the next step by names in the state, available after `targets` was called. */
  memory(): readonly (readonly [name: string, tensor: Tensor])[];
}

/** Call it outside the gradient's scope, in which the momentum encoder's parameters are constants. */
export function methodState(
  { engine, model, method }: { readonly engine: Engine; readonly model: Model; readonly method: Method },
  pass: Pass,
): MethodState {
  const parameters = averagedParameters(engine, model, pass);
  const names = Object.keys(model.memory);
  const memory = Object.fromEntries(names.map((name) => [name, readTensor(pass.state, memoryName(name))]));
  const step = readStepValues(pass.inputs);
  let calls = 0;
  let next: readonly (readonly [string, Tensor])[] = [];
  return {
    parameters,
    bind: (views) => ({
      online: (branch, images) => method.online(branch, images, step),
      targets(online) {
        calls += 1;
        const momentum = momentumBranch(engine, model, parameters, pass);
        const targets = method.targets(online, { views, momentum, memory, ...step });
        const nextMemory = Object.entries(method.nextMemory?.(targets, memory) ?? {});
        next = nextMemory.map(([name, tensor]) => [memoryName(name), pass.keep(checked(model, name, tensor))]);
        return targets;
      },
      loss: (online, targets) => method.loss(online, targets),
    }),
    calls: () => calls,
    memory: () => next,
  };
}

/** k = m k + (1 - m) q, over parameters only: the momentum encoder's passes update its running statistics. */
function averagedParameters({ tf }: Pick<Engine, 'tf'>, { momentum }: Model, { state, inputs }: Pass): Tensors {
  if (momentum === undefined) return {};
  const m = readTensor(inputs, INPUTS.momentum) as Scalar;
  const rest = tf.sub(1, m);
  return Object.fromEntries(
    momentum.parameters.map(({ name, follows }) => [
      name,
      tf.add(tf.mul(readTensor(state, name), m), tf.mul(readTensor(state, follows.name), rest)),
    ]),
  );
}

function momentumBranch(engine: Engine, { momentum }: Model, parameters: Tensors, { statistics, keep }: Pass): Branch {
  const normalization = batchStatistics(engine, statistics, keep);
  const parameter = (name: string): Tensor => readTensor(parameters, name);
  const nn = execute(engine, { parameter, normalization, sites: NO_HOOKS });
  return {
    encode(images) {
      if (momentum === undefined) throw methodStateInvalid('it uses a momentum encoder but declares no `momentum`');
      return momentum.network.forward(nn, images as Tensor) as Tensor2D;
    },
    head(name, features) {
      const head = momentum?.heads[name];
      if (head === undefined) throw headUnknown(name, Object.keys(momentum?.heads ?? {}), 'momentum encoder');
      return head.forward(nn, features as Tensor) as Tensor2D;
    },
  };
}

function checked({ memory }: Model, name: string, tensor: Tensor): Tensor {
  const [actual, expected] = [tensor.shape.join(), memory[name]?.shape.join()];
  if (expected === undefined)
    throw methodStateInvalid(`\`nextMemory\` returns \`${name}\`, which \`memory\` does not declare`);
  if (actual !== expected)
    throw methodStateInvalid(`\`${name}\` is [${expected}] in \`memory\` and [${actual}] after a step`);
  return tensor;
}
