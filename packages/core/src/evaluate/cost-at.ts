import type { NetworkCost } from '../kinds/assigner.js';
import { foldBatchNorms } from '../nn/fold.js';
import type { EvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { Model } from '../train/model.js';
import { costOf } from './cost.js';

/** The cost of a model's backbone for one image [H,W,C] at a precision of evaluation; of a mixed one, its upper limit. */
export function costAt(
  { backbone, quantization }: Pick<Model, 'backbone' | 'quantization'>,
  image: Parameters<typeof costOf>[1],
  { folded = false, ...bits }: EvaluationPrecision,
): NetworkCost {
  return costOf(folded ? foldBatchNorms(backbone).network : backbone, image, bits, quantization.pins);
}
