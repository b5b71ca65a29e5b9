import { calibrationUnknown } from '../quantization/quantization-errors.js';
import type { EvaluationPrecision } from '../quantization/evaluation-precision.js';
import { bitAssignments, type AssignBits, type MixedPrecision } from './assign-bits.js';
import { inCalibration, type Calibration } from './calibration.js';
import type { BackbonePass } from './features-in-one-pass.js';
import { foldedBackbone } from './folded-backbone.js';
import { frozenBackbone, type Frozen, type FrozenBackbone } from './frozen-backbone.js';

/** Inputs of evaluation: a frozen backbone, how bits are assigned to its sites at mixed precisions, and the pipeline's settings. */
export interface Evaluated extends Frozen {
  readonly mixed: MixedPrecision;
  /** The calibrations of the pipeline, that of `evaluation.calibration` first; default: how the backbone was trained. */
  readonly calibrations?: readonly Calibration[];
  /** The names of the splits that are `train` and `test` in the dataset; default: these names. */
  readonly splits?: { readonly train: string; readonly test: string };
}

/** Which network of a run a precision is about. */
export type NetworkChoice = Pick<EvaluationPrecision, 'folded' | 'calibration'>;

/** The networks of a run in evaluation: as trained or folded, in each calibration; each is made when it is first asked for. */
export interface OpenedBackbones {
  /** @throws SsqlError CALIBRATION_UNKNOWN */
  backbone(network: NetworkChoice): FrozenBackbone;
  passAt(precision: EvaluationPrecision): Promise<BackbonePass>;
  dispose(): void;
}

export function openedBackbones(evaluated: Evaluated): OpenedBackbones {
  const { calibrations = [] } = evaluated;
  const backbones = new Map<string, { readonly backbone: FrozenBackbone; readonly assign: AssignBits }>();
  const frozenIn = (name: string | undefined): Frozen => {
    const chosen = calibrations.find((calibration) => calibration.name === name);
    if (chosen !== undefined) return inCalibration(evaluated, chosen);
    if (name === undefined) return evaluated;
    throw calibrationUnknown(
      name,
      calibrations.flatMap((calibration) => calibration.name ?? []),
    );
  };
  const open = ({ folded = false, calibration }: NetworkChoice) => {
    const key = JSON.stringify([folded, calibration]);
    let opened = backbones.get(key);
    if (opened === undefined) {
      const frozen = frozenIn(calibration);
      const backbone = folded ? foldedBackbone(frozen) : frozenBackbone(frozen);
      opened = { backbone, assign: bitAssignments(backbone, evaluated.mixed) };
      backbones.set(key, opened);
    }
    return opened;
  };
  return {
    backbone: (network) => open(network).backbone,
    async passAt(precision) {
      const { backbone, assign } = open(precision);
      return { backbone, precision, pins: precision.mixed ? await assign(precision) : undefined };
    },
    dispose() {
      for (const { backbone } of backbones.values()) backbone.dispose();
    },
  };
}
