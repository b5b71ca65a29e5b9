import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine, Step, StepResult, Tensors } from '../engine/engine.js';
import { blamed, brokenBy, isNoted } from '../plugin/plugin-of.js';
import { notCalibrated } from '../quantization/quantization-errors.js';
import { branchUnknown, headUnknown } from './train-errors.js';
import { moveToScope } from '../engine/move-to-scope.js';
import { stopGradient } from '../engine/stop-gradient.js';
import { execute, NO_HOOKS, type SiteHooks } from '../nn/execute.js';
import type { Operations } from '../nn/network.js';
import { batchStatistics, type Normalization, type Statistics } from '../nn/normalization.js';
import { batchNormName, withBatchNorms } from './batch-norms.js';
import { observedRanges, observing, quantizing, type Observations } from './site-hooks.js';
import { featuresOf, refuseUnmoved, refuseUnused } from './check-objective.js';
import { lossGradients } from './loss-gradients.js';
import { methodState, type Pass } from './method-state.js';
import { slotName, slotsOf } from './optimizer-slots.js';
import { precisionChoices } from './precision-choices.js';
import type { Branch, Method } from '../kinds/method.js';
import { withoutFrozen } from './method-inputs.js';
import { freezableParameters, type Model } from './model.js';
import { readTensor } from './read-tensor.js';
import type { Optimizer } from '../kinds/optimizer.js';
import { quantizesOutputs, INPUTS, readBits, readViews } from './step-inputs.js';
import { withUnitWeights } from './unit-weights.js';
import type { Views } from './views.js';
import type { Branches, PrecisionChoice, WrappedMethod, Wrapper } from '../kinds/wrapper.js';

/** What a training step is made of. */
export interface StepParts {
  readonly engine: Engine;
  readonly model: Model;
  readonly views: Views;
  readonly method: Method;
  readonly wrapper: Wrapper;
  readonly optimizer: Optimizer;
}

/**
 * One step of training as a pure function. State: parameters, tensors that quantizers train, running statistics, the momentum encoder,
 * the method's memory, optimizer slots. Inputs: images [N,H,W,C] of bytes, each view's random numbers, the learning rate, the momentum,
 * the number of the step, the drawn bit widths (an operand without a width is float), what the method declares (`methodInputs`). Outputs:
 * `loss`, `part.<name>` and `featureStd`.
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
  const freezable = new Map(
    [...freezableParameters(model, method)].map(([network, names]) => [
      network,
      names.flatMap((name) => [name, ...slotsOf(optimizer).map((slot) => slotName(slot.name, name))]),
    ]),
  );

  return (before, inputs) => {
    const state = withUnitWeights(engine, model, before);
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

    const images = Object.freeze(readViews(engine, views, views.count, inputs));
    const choices = precisionChoices(wrapper);
    const branches = (used = new Set<number>()): Branches =>
      makeBranches(engine, model, { choices, wrapper, used }, { state, inputs, statistics, keep });
    const loss = (): Scalar => {
      const used = new Set<number>();
      const objective = wrapper.objective(methodStateOfStep.bind(images), branches(used), images);
      if (isNoted(wrapper)) {
        refuseUnused(wrapper, choices, used);
        refuseUnmoved(wrapper, method, methodStateOfStep);
      }
      outputs['loss'] = keep(objective.loss);
      for (const [name, part] of Object.entries(objective.parts)) outputs[`part.${name}`] = keep(part);
      outputs['featureStd'] = keep(featureStd(engine, featuresOf(method, objective.online, images)));
      return objective.loss;
    };
    const weights = model.trained.map(({ name }) => readTensor(state, name));
    const learningRate = readTensor(inputs, INPUTS.learningRate) as Scalar;
    const stepNumber = readTensor(inputs, INPUTS.step) as Scalar;
    try {
      const grads = lossGradients(tf, loss, weights, () => {
        // The wrapper is to blame if the method's own loss has gradients.
        const plain = tf
          .engine()
          .gradients(() => plainLoss(methodStateOfStep.bind(images), branches(), images), weights, undefined, true);
        const reason = 'has a constant loss: no gradient flows from it to any trained parameter';
        return brokenBy(plain.grads.some(Boolean) ? wrapper : method, reason);
      });

      const next: { [name: string]: Tensor } = { ...state, ...methodStateOfStep.parameters };
      for (const [name, tensor] of methodStateOfStep.memory()) next[name] = moveToScopeOnce(kept, tensor);
      for (const [name, tensor] of statistics) next[name] = moveToScopeOnce(kept, tensor);
      // As in PyTorch: a parameter without a gradient is unchanged, without weight decay too.
      const reached = model.trained.flatMap(({ name, rate }, index) => {
        const gradient = grads[index];
        return gradient ? [{ name, rate, gradient }] : [];
      });
      const gradients = optimizer.gradients?.(reached) ?? reached.map(({ gradient }) => gradient);
      reached.forEach(({ name, rate }, index) => {
        const value = readTensor(state, name);
        const names = slotsOf(optimizer).map((slot) => slotName(slot.name, name));
        const scaledRate = rate === 1 ? learningRate : tf.mul<Scalar>(learningRate, rate);
        const parameter = {
          name,
          value,
          gradient: gradients[index]!,
          slots: names.map((slot) => readTensor(state, slot)),
        };
        const updated = optimizer.update(parameter, scaledRate, stepNumber);
        next[name] = updated.value;
        names.forEach((slot, at) => {
          const tensor = updated.slots[at];
          if (tensor) next[slot] = tensor;
        });
      });
      const shown = Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, moveToScopeOnce(kept, tensor)]),
      );
      const result = { state: withoutFrozen(engine, freezable, { state, inputs }, next), outputs: shown };
      return result satisfies StepResult<Tensors, Tensors>;
    } finally {
      for (const leftOver of kept) leftOver.dispose();
    }
  };
}

/** The loss without a wrapper. */
function plainLoss(method: WrappedMethod, { float }: Branches, views: readonly Tensor4D[]): Scalar {
  const online = method.online(float, views);
  return method.loss(online, method.targets(online));
}

/** How the precisions of a step are chosen, by whom, and the indexes of those that it has used. */
interface Choices {
  readonly choices: readonly PrecisionChoice[];
  readonly wrapper: Wrapper;
  readonly used: Set<number>;
}

/** The float branch, which observes, and the quantized branches, which use its ranges. Each updates the running statistics of its batch norms. */
function makeBranches(
  engine: Engine,
  model: Model,
  { choices, wrapper, used }: Choices,
  { state, inputs, statistics, keep }: Pass,
): Branches {
  const learning = batchStatistics(engine, statistics, keep);
  const parameter = (name: string): Tensor => readTensor(state, name);
  const branch = (sites: SiteHooks, batchNorms?: PrecisionChoice, ofHeads: Normalization = learning): Branch => {
    const tensors = withBatchNorms(state, batchNorms);
    const executed = (normalization: Normalization, sites: SiteHooks): Operations<Tensor> =>
      execute(engine, {
        parameter: (name) => readTensor(tensors, name),
        normalization: (x, layer, ...affine) => normalization(x, batchNormName(batchNorms, layer), ...affine),
        sites,
      });
    const encoder = executed(learning, sites);
    const heads = executed(ofHeads, NO_HOOKS);
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
  const quantized = (index: number): SiteHooks => {
    // Without a drawn precision it would be the float branch.
    if (!Number.isInteger(index) || choices[index] === undefined) throw branchUnknown(index, choices.length);
    used.add(index);
    return quantizing(
      engine.tf,
      model.quantization,
      readBits(inputs, index),
      observedRanges(model.quantization, observations, (site) => blamed(wrapper, notCalibrated(site))),
      parameter,
    );
  };
  const bySet = model.quantization.batchNorms?.length ? choices : [];
  const batchNormsOf = (index: number): PrecisionChoice | undefined => bySet[index];
  return {
    float: branch(quantizesOutputs(inputs) ? observing(model.quantization, observations) : NO_HOOKS),
    quantized: (index) => branch(quantized(index), batchNormsOf(index)),
    quantizedTarget(index) {
      const unmoved = batchStatistics(engine, new Map(statistics), (tensor) => tensor);
      return withoutGradient(branch(quantized(index), batchNormsOf(index), unmoved));
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
