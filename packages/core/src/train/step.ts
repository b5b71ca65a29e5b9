import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Engine, Step, StepResult, Tensors } from '../engine/engine.js';
import { headUnknown } from './train-errors.js';
import { moveToScope } from '../engine/move-to-scope.js';
import { stopGradient } from '../engine/stop-gradient.js';
import { execute, NO_HOOKS, type SiteHooks } from '../nn/execute.js';
import { batchStatistics, type Statistics } from '../nn/normalization.js';
import { observedRanges, observing, quantizing, type Observations } from './site-hooks.js';
import { methodState, type Pass } from './method-state.js';
import type { Branch, Method } from '../kinds/method.js';
import type { Model } from './model.js';
import { readTensor } from './read-tensor.js';
import type { Optimizer } from '../kinds/optimizer.js';
import { quantizesOutputs, INPUTS, readBits, readViews } from './step-inputs.js';
import type { Views } from './views.js';
import type { Branches, Wrapper } from '../kinds/wrapper.js';

/** What a training step is made of. */
export interface StepParts {
  readonly engine: Engine;
  readonly model: Model;
  readonly views: Views;
  readonly method: Method;
  readonly wrapper: Wrapper;
  readonly optimizer: Optimizer;
}

/** The name of an optimizer's tensor in a step's state, which holds parameters and running statistics under their own names. */
export function slotName(slot: string, parameter: string): string {
  return `optimizer.${slot}.${parameter}`;
}

/**
 * One step of training as a pure function. State: parameters, tensors that quantizers train, running statistics, the momentum encoder,
 * the method's memory, optimizer slots. Inputs: images [N,H,W,C] of bytes, each view's random numbers, the learning rate, the momentum,
 * the drawn bit widths (an operand without a width is float). Outputs: `loss`, `part.<name>` and `featureStd`.
 */
export function trainingStep({
  engine,
  model,
  views,
  method,
  wrapper,
  optimizer,
}: StepParts): Step<Tensors, Tensors, Tensors> {
  const { tf } = engine;

  return (state, inputs) => {
    // Tensors that outlive the gradient's scope are kept, then moved to the step's scope.
    const kept = new Set<Tensor>();
    const keep = <T extends Tensor>(tensor: T): T => {
      const copy = tf.keep(tf.clone(tensor));
      kept.add(copy);
      return copy;
    };
    const statistics: Statistics = new Map(
      [...model.statistics, ...(model.momentum?.statistics ?? [])].map(({ name }) => [name, readTensor(state, name)]),
    );
    const methodStateOfStep = methodState({ engine, model, method }, { state, inputs, statistics, keep });
    const outputs: { [name: string]: Tensor } = {};

    const images = readViews(engine, views, views.count, inputs);
    const loss = (): Scalar => {
      const branches = makeBranches(engine, model, { state, inputs, statistics, keep });
      const objective = wrapper.objective(methodStateOfStep.bind(images), branches, images);
      outputs['loss'] = keep(objective.loss);
      for (const [name, part] of Object.entries(objective.parts)) outputs[`part.${name}`] = keep(part);
      outputs['featureStd'] = keep(featureStd(engine, method.features(objective.online)));
      return objective.loss;
    };
    const weights = model.trained.map(({ name }) => readTensor(state, name));
    const learningRate = readTensor(inputs, INPUTS.learningRate) as Scalar;
    try {
      // Not `valueAndGrads`, because it throws if the loss does not depend on a parameter.
      const { grads } = tf.engine().gradients(loss, weights, undefined, true);

      const next: { [name: string]: Tensor } = { ...state, ...methodStateOfStep.parameters };
      for (const [name, tensor] of methodStateOfStep.memory()) next[name] = moveToScopeOnce(kept, tensor);
      for (const [name, tensor] of statistics) next[name] = moveToScopeOnce(kept, tensor);
      model.trained.forEach(({ name, rate }, index) => {
        const gradient = grads[index];
        // As in PyTorch: a parameter without a gradient is unchanged, without weight decay too.
        if (!gradient) return;
        const value = readTensor(state, name);
        const slots = optimizer.slots.map((slot) => readTensor(state, slotName(slot, name)));
        const scaledRate = rate === 1 ? learningRate : tf.mul<Scalar>(learningRate, rate);
        const updated = optimizer.update({ name, value, gradient, slots }, scaledRate);
        next[name] = updated.value;
        optimizer.slots.forEach((slot, at) => {
          const tensor = updated.slots[at];
          if (tensor) next[slotName(slot, name)] = tensor;
        });
      });
      const shown = Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, moveToScopeOnce(kept, tensor)]),
      );
      return { state: next, outputs: shown } satisfies StepResult<Tensors, Tensors>;
    } finally {
      for (const leftOver of kept) leftOver.dispose();
    }
  };
}

/** The float branch, which observes, and the quantized branches, which use its ranges. All update the same running statistics. */
function makeBranches(engine: Engine, model: Model, { state, inputs, statistics, keep }: Pass): Branches {
  const normalization = batchStatistics(engine, statistics, keep);
  const parameter = (name: string): Tensor => readTensor(state, name);
  const learningHeads = execute(engine, { parameter, normalization, sites: NO_HOOKS });
  const branch = (sites: SiteHooks, heads = learningHeads): Branch => {
    const encoder = execute(engine, { parameter, normalization, sites });
    return {
      encode: (images) => model.encoder.forward(encoder, images as Tensor) as Tensor2D,
      head(name, features) {
        const head = model.heads[name];
        if (head === undefined) throw headUnknown(name, Object.keys(model.heads));
        return head.forward(heads, features as Tensor) as Tensor2D;
      },
    };
  };
  const observations: Observations = new Map();
  const quantized = (index: number): SiteHooks =>
    quantizing(
      engine.tf,
      model.quantization,
      readBits(inputs, index),
      observedRanges(model.quantization, observations),
      parameter,
    );
  return {
    float: branch(quantizesOutputs(inputs) ? observing(model.quantization, observations) : NO_HOOKS),
    quantized: (index) => branch(quantized(index)),
    quantizedTarget(index) {
      const unmoved = batchStatistics(engine, new Map(statistics), (tensor) => tensor);
      const heads = execute(engine, { parameter, normalization: unmoved, sites: NO_HOOKS });
      return withoutGradient(branch(quantized(index), heads));
    },
  };
}

function withoutGradient({ encode, head }: Branch): Branch {
  return {
    encode: (images) => stopGradient(encode(images)),
    head: (name, features) => stopGradient(head(name, features)),
  };
}

/** Mean over dimensions of the standard deviation of unit-length features [N,D]: near 0 means collapse (arXiv 2011.10566, figure 2). */
function featureStd({ tf }: Pick<Engine, 'tf'>, features: Tensor2D): Scalar {
  const lengths = tf.sqrt(tf.sum(tf.square(features), 1, true));
  const unit = tf.div(features, tf.maximum(lengths, 1e-12));
  const centered = tf.sub(unit, tf.mean(unit, 0, true));
  return tf.mean(tf.sqrt(tf.mean(tf.square(centered), 0)));
}

function moveToScopeOnce(kept: Set<Tensor>, tensor: Tensor): Tensor {
  return kept.delete(tensor) ? moveToScope(tensor) : tensor;
}
