import { calibrationUnknown } from '../quantization/quantization-errors.js';
import { formatEvaluationPrecision, type EvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { FeatureSets } from '../kinds/stage.js';
import { bitAssignments, type AssignBits, type MixedPrecision } from './assign-bits.js';
import { inCalibration, type Calibration } from './calibration.js';
import { featuresInOnePass, type BackbonePass } from './features-in-one-pass.js';
import { foldedBackbone } from './folded-backbone.js';
import { frozenBackbone, type Frozen, type FrozenBackbone } from './frozen-backbone.js';

export interface EvaluationFeatures {
  /** Frozen features at each precision, in order. Those that are not known yet are computed in one pass over the images. */
  at(precisions: readonly EvaluationPrecision[]): Promise<readonly FeatureSets[]>;
  /**
   * The backbone that the features come from.
   * @throws SsqlError CALIBRATION_UNKNOWN
   */
  backbone(network: Pick<EvaluationPrecision, 'folded' | 'calibration'>): FrozenBackbone;
  dispose(): void;
}

/** Inputs of evaluation: a frozen backbone, and how bits are assigned to its sites at mixed precisions. */
export interface Evaluated extends Frozen {
  readonly mixed: MixedPrecision;
  /** The calibrations of the pipeline, that of `evaluation.calibration` first; default: how the backbone was trained. */
  readonly calibrations?: readonly Calibration[];
}

/** The features of a frozen backbone at any precision. */
export function evaluationFeatures(evaluated: Evaluated): EvaluationFeatures {
  const known = new Map<string, Promise<FeatureSets>>();
  const { calibrations = [] } = evaluated;
  const backbones = new Map<string, Opened>();
  const frozenIn = (name: string | undefined): Frozen => {
    const chosen = calibrations.find((calibration) => calibration.name === name);
    if (chosen !== undefined) return inCalibration(evaluated, chosen);
    if (name === undefined) return evaluated;
    throw calibrationUnknown(
      name,
      calibrations.flatMap((calibration) => calibration.name ?? []),
    );
  };
  const open = ({ folded = false, calibration }: Pick<EvaluationPrecision, 'folded' | 'calibration'>): Opened => {
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
  const passAt = async (precision: EvaluationPrecision): Promise<BackbonePass> => {
    const { backbone, assign } = open(precision);
    return { backbone, precision, pins: precision.mixed ? await assign(precision) : undefined };
  };
  const compute = async (precisions: readonly EvaluationPrecision[]): Promise<readonly FeatureSets[]> => {
    const passes: BackbonePass[] = [];
    for (const precision of precisions) passes.push(await passAt(precision));
    return featuresInOnePass(evaluated, passes);
  };
  return {
    async at(precisions) {
      const byName = new Map(precisions.map((precision) => [formatEvaluationPrecision(precision), precision]));
      const missing = [...byName].filter(([name]) => !known.has(name));
      if (missing.length > 0) {
        const computed = compute(missing.map(([, precision]) => precision));
        for (const [index, [name]] of missing.entries()) {
          const sets = computed.then((all) => all[index]!);
          known.set(name, sets);
        }
      }
      return Promise.all(precisions.map((precision) => known.get(formatEvaluationPrecision(precision))!));
    },
    backbone: (network) => open(network).backbone,
    dispose() {
      for (const { backbone } of backbones.values()) backbone.dispose();
    },
  };
}

interface Opened {
  readonly backbone: FrozenBackbone;
  readonly assign: AssignBits;
}
