import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/engine.js';
import { notCalibrated } from '../quantization/quantization-errors.js';
import { stopGradient } from '../engine/stop-gradient.js';
import { NO_HOOKS, type SiteHooks } from '../nn/execute.js';
import type { PinnedSites } from '../quantization/pins.js';
import type { Bits } from '../quantization/precision.js';
import type { Quantizer, Range, Operand } from '../kinds/quantizer.js';
import type { Observer, ObserverState } from '../kinds/observer.js';
import { wrongRange } from '../kinds/checks/observer.js';
import { brokenBy } from '../plugin/plugin-of.js';
import type { BatchNormSet } from './batch-norms.js';
import { parameterName } from './quantizer-parameters.js';

/** How one operand is quantized. */
export interface OperandQuantization {
  readonly quantizer: Quantizer;
  readonly observer: Observer;
}

export interface NetworkQuantization {
  readonly weights: OperandQuantization;
  readonly activations: OperandQuantization;
  readonly pins: PinnedSites;
  /** The batch norms of quantized passes, if they are not those of the float branch. */
  readonly batchNorms?: readonly BatchNormSet[];
}

/** The bit widths of a pass, as scalars: one graph serves every width. An omitted operand is float. */
export interface BitInputs {
  readonly weights?: Scalar;
  readonly activations?: Scalar;
}

/** States of the observers of outputs, by site. */
export type Observations = Map<string, ObserverState>;

/** A float pass whose outputs are observed. Sites that are pinned to float are not. */
export function observing({ activations, pins }: NetworkQuantization, observations: Observations): SiteHooks {
  const { observer, quantizer } = activations;
  return {
    weight: NO_HOOKS.weight,
    output(site, x) {
      if (pins.activations.get(site) !== 'float')
        observations.set(site, observer.observe(x, quantizer.granularity, observations.get(site)));
      return x;
    },
  };
}

/**
 * A quantized pass. A weight's range is observed on the live weight, so that gradient flows through a differentiable scale; an
 * output's range comes from float passes and is a constant (golden README, "Gradient through the scale"). Each weight is
 * quantized once, even if several passes use the hooks.
 * @param range the range of an output site at a bit width
 * @param parameter a tensor that a quantizer trains, by its full name
 */
export function quantizing(
  tf: Tf,
  { weights, activations, pins }: NetworkQuantization,
  bits: BitInputs,
  range: (site: string, bits: Scalar, shape: readonly number[]) => Range,
  parameter: (name: string) => Tensor,
): SiteHooks {
  const quantized = new Map<string, Tensor>();
  const widthOf = (drawn: Scalar | undefined, pinned: Bits | undefined): Scalar | undefined => {
    if (drawn === undefined || pinned === 'float') return undefined;
    return pinned === undefined ? drawn : tf.scalar(pinned);
  };
  const trained = (operand: Operand, site: string, { quantizer }: OperandQuantization, shape: readonly number[]) =>
    Object.fromEntries(
      Object.keys(quantizer.trainables?.(shape, operand) ?? {}).map((name) => [
        name,
        parameter(parameterName(operand, site, name)),
      ]),
    );
  return {
    weight(layer, weight) {
      const width = widthOf(bits.weights, pins.weights.get(layer));
      if (width === undefined) return weight;
      const known = quantized.get(layer);
      if (known) return known;
      const { observer, quantizer } = weights;
      const live = rangeOf(weights, weight.shape, observer.observe(weight, quantizer.granularity), width);
      const tensors = trained('weights', layer, weights, weight.shape);
      const result = quantizer.fakeQuantize(weight, live, width, tensors);
      quantized.set(layer, result);
      return result;
    },
    output(site, x) {
      const width = widthOf(bits.activations, pins.activations.get(site));
      if (width === undefined) return x;
      const tensors = trained('activations', site, activations, x.shape);
      return activations.quantizer.fakeQuantize(x, range(site, width, x.shape), width, tensors);
    },
  };
}

/**
 * The ranges of observed sites, constant in the backward pass. For one quantized pass, in which a site has one bit width.
 * @param notObserved the error of a site that was not observed
 */
export function observedRanges(
  { activations }: NetworkQuantization,
  observations: Observations,
  notObserved: (site: string) => Error = notCalibrated,
): (site: string, bits: Scalar, shape: readonly number[]) => Range {
  const ranges = new Map<string, Range>();
  return (site, bits, shape) => {
    let range = ranges.get(site);
    if (range === undefined) {
      const state = observations.get(site);
      if (state === undefined) throw notObserved(site);
      const { min, max } = rangeOf(activations, shape, state, bits);
      ranges.set(site, (range = { min: stopGradient(min), max: stopGradient(max) }));
    }
    return range;
  };
}

/** The range from an observer's state for a tensor of a shape. @throws SsqlError PLUGIN_BROKEN if it is not of the granularity */
export function rangeOf(
  { observer, quantizer: { granularity } }: OperandQuantization,
  shape: readonly number[],
  state: ObserverState,
  bits: Scalar,
): Range {
  const range = observer.range(state, bits);
  const wrong = wrongRange(range, granularity, shape);
  if (wrong) throw brokenBy(observer, `returns ${wrong.actual} from \`range\`; expected ${wrong.expected}`);
  return range;
}
