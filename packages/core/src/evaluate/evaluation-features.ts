import type { Protocol } from '../kinds/run-record.js';
import type { FeatureSets, ViewFeatures, ViewRequest } from '../kinds/stage.js';
import { formatEvaluationPrecision, type EvaluationPrecision } from '../quantization/evaluation-precision.js';
import { featuresInOnePass, type BackbonePass } from './features-in-one-pass.js';
import type { FrozenBackbone } from './frozen-backbone.js';
import { openedBackbones, type Evaluated, type NetworkChoice } from './opened-backbones.js';
import { viewFeatures } from './view-features.js';

export interface EvaluationFeatures {
  /** Frozen features at each precision, in order. Those that are not known yet are computed in one pass over the images. */
  at(precisions: readonly EvaluationPrecision[]): Promise<readonly FeatureSets[]>;
  /** Features of views that a stage makes. */
  ofViews(request: ViewRequest): Promise<ViewFeatures>;
  /**
   * The backbone that the features come from.
   * @throws SsqlError CALIBRATION_UNKNOWN
   */
  backbone(network: NetworkChoice): FrozenBackbone;
  dispose(): void;
}

/** The features of a frozen backbone at any precision. */
export function evaluationFeatures(evaluated: Evaluated): EvaluationFeatures {
  const known = new Map<string, Promise<FeatureSets>>();
  const backbones = openedBackbones(evaluated);
  const compute = async (precisions: readonly EvaluationPrecision[]): Promise<readonly FeatureSets[]> => {
    const passes: BackbonePass[] = [];
    for (const precision of precisions) passes.push(await backbones.passAt(precision));
    const sets = await featuresInOnePass(evaluated, passes);
    return sets.map((set, index) => ({ ...set, protocol: protocolOf(passes[index]!, evaluated) }));
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
    ofViews: (request) => viewFeatures(evaluated, request),
    backbone: (network) => backbones.backbone(network),
    dispose: () => backbones.dispose(),
  };
}

/** The images that a precision was fitted, calibrated and measured on. */
function protocolOf({ backbone: { frozen }, precision }: BackbonePass, { splits = SPLITS }: Evaluated): Protocol {
  if (precision.activations === 'float') return splits;
  return { ...splits, calibration: { samples: Math.min(frozen.calibration.samples, frozen.dataset.train.size) } };
}

const SPLITS = { train: 'train', test: 'test' } as const;
