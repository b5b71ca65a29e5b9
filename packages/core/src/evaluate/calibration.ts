import type { OperandQuantization } from '../train/site-hooks.js';
import { PREFIX } from '../train/quantizer-parameters.js';
import type { Frozen } from './frozen-backbone.js';

/** How evaluation quantizes a backbone, and the training images that calibrate its activation ranges. */
export interface Calibration {
  /** Omitted for `evaluation.calibration`. */
  readonly name?: string;
  readonly samples: number;
  readonly batch: number;
  readonly weights: OperandQuantization;
  readonly activations: OperandQuantization;
}

/**
 * A backbone in a calibration. Tensors that quantizers trained apply only if the calibration has the quantizer that trained them;
 * otherwise they are initialized, as after training that quantized nothing.
 */
export function inCalibration(frozen: Frozen, calibration: Calibration): Frozen {
  const { weights, activations } = calibration;
  const { quantization } = frozen.model;
  const replaced = (['weights', 'activations'] as const).filter(
    (operand) => calibration[operand].quantizer !== quantization[operand].quantizer,
  );
  const state = Object.entries(frozen.state).filter(
    ([name]) => !replaced.some((operand) => name.startsWith(`${PREFIX}${operand}.`)),
  );
  return {
    ...frozen,
    model: { ...frozen.model, quantization: { ...quantization, weights, activations } },
    calibration,
    state: Object.fromEntries(state),
  };
}
