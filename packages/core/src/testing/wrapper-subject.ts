import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tensors, Tf } from '../engine/engine.js';
import { stopGradient } from '../engine/stop-gradient.js';
import type { Branch, Method } from '../kinds/method.js';
import type { Wrapper } from '../kinds/wrapper.js';
import type { Network } from '../nn/network.js';
import type { Precision } from '../quantization/precision.js';
import { precisionChoices } from '../train/precision-choices.js';
import { bitInputs } from '../train/step-inputs.js';
import type { Law, Subject } from './law.js';
import { BATCH, probedStep, type ProbedStep } from './probed-step.js';
import { normal } from './samples.js';

/** What a case of a wrapper may add to its options: nothing. */
export type WrapperExtra = object;

export type WrapperLaw = Law<'wrapper', WrapperExtra>;
export type WrapperSubject = Subject<'wrapper', WrapperExtra>;

/** What a wrapper did in a step, in order: a pass of a branch, the targets, a loss. */
export interface Calls {
  readonly passes: { readonly branch: string; readonly online: unknown }[];
  readonly targets: { readonly made: unknown }[];
  readonly losses: { readonly online: unknown; readonly targets: unknown }[];
  readonly returned: unknown[];
}

type Pair = readonly [Tensor2D, Tensor2D];

const INPUT = [8, 8, 3] as const;
const BACKBONE: Network = {
  forward(nn, x) {
    const y = nn.batchNorm(nn.conv2d(x, 'conv1', { filters: 8, kernel: 3, stride: 2, padding: 1 }), 'bn1');
    return nn.globalAveragePool(nn.output(nn.relu(y), 'conv1'));
  },
};

/** A training step of the wrapper, and what it calls. */
export function wrapperStep({ engine, made, companions }: WrapperSubject): ProbedStep & { readonly calls: Calls } {
  const calls: Calls = { passes: [], targets: [], losses: [], returned: [] };
  const names = new Map<Branch, string>();
  const method = pairs(engine.tf);
  const watched: Method<Pair, Pair> = {
    ...method,
    online(branch, views, values) {
      const online = method.online(branch, views, values);
      calls.passes.push({ branch: names.get(branch) ?? 'unknown', online });
      return online;
    },
    targets(online, context) {
      const targets = method.targets(online, context);
      calls.targets.push({ made: targets });
      return targets;
    },
    loss(online, targets) {
      calls.losses.push({ online, targets });
      return method.loss(online, targets);
    },
  };
  const wrapper: Wrapper = {
    precisions: made.precisions,
    batchNorms: made.batchNorms,
    objective(wrapped, branches, views) {
      const named = (name: string, branch: Branch): Branch => (names.set(branch, name), branch);
      const objective = made.objective(
        wrapped,
        {
          float: named('float', branches.float),
          quantized: (index) => named(`quantized ${index}`, branches.quantized(index)),
          quantizedTarget: (index) => named(`quantized ${index}`, branches.quantizedTarget(index)),
        },
        views,
      );
      calls.returned.push(objective.online);
      return objective;
    },
  };
  const parts = { engine, companions, backbone: BACKBONE, method: watched as unknown as Method, wrapper, input: INPUT };
  return { ...probedStep(parts), calls };
}

/** The inputs of a step at a precision, which all of the wrapper's precisions have. */
export function wrapperInputs({ engine, made }: WrapperSubject, step: ProbedStep, precision: Precision): Tensors {
  const views: readonly Tensor[] = ['first', 'second'].map((name) =>
    normal(engine.tf, [BATCH, ...INPUT], `${name} view`),
  );
  const bits = precisionChoices(made).map((_, index) => bitInputs(engine, precision, index));
  return { ...step.inputs(views), ...(Object.assign({}, ...bits) as Tensors) };
}

/** A method of two views without heads: each view's features are compared with those of the other, whose gradient is stopped. */
function pairs(tf: Tf): Method<Pair, Pair> {
  return {
    views: 2,
    projector: {
      forward: (nn, x) => nn.output(nn.linear(x, '0', { units: 6, bias: true }), '0'),
    },
    heads: {},
    online: (branch, [first, second]) => [branch.encode(first!), branch.encode(second!)],
    targets: ([first, second]) => [stopGradient(first), stopGradient(second)],
    loss: ([first, second], [left, right]) =>
      tf.add(tf.mean(tf.square(tf.sub(first, right))), tf.mean(tf.square(tf.sub(second, left)))),
    features: ([first]) => first,
  };
}
