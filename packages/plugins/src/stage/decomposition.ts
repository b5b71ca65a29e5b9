import { definePlugin, FLOAT, SsqlError, type Evaluation } from '@ssql/core';
import { precisionsOption } from './precisions-option.js';
import { readPrecision } from './read-precision.js';

/**
 * The terms of the SSQL loss: with unit-length features, e_q = pq - p and e_c = p - z, the mean of |pq - z|^2 is that of
 * |e_q|^2 + |e_c|^2 + 2 <e_q, e_c> (Cao et al., equations 11 to 15). The paper argues that the cross term, the last, is near 0.
 */
export const decomposition = definePlugin({
  kind: 'stage',
  name: 'decomposition',
  summary: 'Measures the quantization, contrastive and cross terms of the SSQL loss at each precision.',
  paper: 'https://arxiv.org/abs/2207.05432',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['precisions'],
    properties: { precisions: precisionsOption },
  },
  create: ({ precisions }) => ({
    scope: 'run',
    async run(context) {
      const images = await context.trainingViews();
      // Without a predictor, the features are the predictions.
      const predictor = context.networks.includes('predictor') ? 'predictor' : 'encoder';
      const networks = ['encoder', predictor];
      const measured = [FLOAT, ...precisions.map(readPrecision)];
      const outputs = await context.outputs({ networks, precisions: measured, images });
      const [float, ...quantized] = outputs.map((outputsOf): ViewOutputs => {
        return { features: outputsOf['encoder']!, predictions: outputsOf[predictor]!, count: images[0]!.shape[0] };
      });
      for (const [index, text] of precisions.entries()) {
        const terms = termsOf(float!, quantized[index]!);
        const evaluations = Object.entries(terms).map(([name, value]): Evaluation => {
          // The targets are the float features.
          return { stage: 'decomposition', precision: text, classifier: 'float', metric: `${name} term`, value };
        });
        await context.record(evaluations);
      }
    },
  }),
});

/** Outputs of every view, [count,D] row-major. */
interface ViewOutputs {
  /** z. */
  readonly features: readonly Float32Array[];
  /** p. */
  readonly predictions: readonly Float32Array[];
  readonly count: number;
}

interface Terms {
  readonly quantization: number;
  readonly contrastive: number;
  readonly cross: number;
}

/** Means over images and both orders of the first two views: predictions of one view, features of the other. */
function termsOf(float: ViewOutputs, quantized: ViewOutputs): Terms {
  const sums = { quantization: 0, contrastive: 0, cross: 0 };
  for (const [view, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const p = unitLength(float.predictions[view]!, float.count);
    const pq = unitLength(quantized.predictions[view]!, float.count);
    const z = unitLength(float.features[other]!, float.count);
    if (p.length !== z.length) throw spacesDiffer(p.length / float.count, z.length / float.count);
    p.forEach((value, i) => {
      const [quantization, contrastive] = [pq[i]! - value, value - z[i]!];
      sums.quantization += quantization ** 2;
      sums.contrastive += contrastive ** 2;
      sums.cross += 2 * quantization * contrastive;
    });
  }
  const mean = (sum: number): number => sum / (2 * float.count);
  return { quantization: mean(sums.quantization), contrastive: mean(sums.contrastive), cross: mean(sums.cross) };
}

/** Rows of [count,D], scaled to length 1. */
function unitLength(values: Float32Array, count: number): Float64Array {
  const dimension = values.length / count;
  const unit = Float64Array.from(values);
  for (let first = 0; first < unit.length; first += dimension) {
    const row = unit.subarray(first, first + dimension);
    const length = Math.max(Math.hypot(...row), 1e-8);
    row.forEach((value, i) => (row[i] = value / length));
  }
  return unit;
}

/**
 * The stage `decomposition` subtracts features from predictions, but they have different numbers of dimensions.
 * @remedy Remove the stage `decomposition`, or give the predictor as many outputs as the projector.
 */
function spacesDiffer(predicted: number, features: number): SsqlError {
  return new SsqlError(
    'DECOMPOSITION_IMPOSSIBLE',
    `decomposition: the predictor has ${predicted} outputs; expected ${features}, as many as the features.`,
  );
}
