import { definePlugin, FLOAT, SsqlError, type Evaluation } from '@ssql/core';
import { precisionsOption } from './precisions-option.js';
import { readPrecision } from './read-precision.js';

/**
 * The terms of the SSQL loss: with unit-length features, e_q = pq - p and e_c = p - z, the mean of |pq - z|^2 is that of
 * |e_q|^2 + |e_c|^2 + 2 <e_q, e_c> (Cao et al., equations 11 to 15). The paper argues that the cross term, the last, is near 0. The
 * targets z are features of the momentum encoder, if the method has one, otherwise of the float encoder.
 */
export const decomposition = definePlugin({
  kind: 'stage',
  name: 'decomposition',
  summary:
    'Measures the quantization, contrastive and cross terms of the SSQL loss at each precision, for methods that compare features.',
  paper: 'https://arxiv.org/abs/2207.05432',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['precisions'],
    properties: {
      precisions: precisionsOption,
      batches: {
        type: 'integer',
        minimum: 1,
        default: 50,
        description:
          'Number of training batches. The results are means over them, with standard errors if there are two or more.',
      },
    },
  },
  check(_, pipeline) {
    const method = pipeline['method'] as { readonly use: string } | undefined; // tests of plugins have no pipeline
    if (method !== undefined && NOT_DECOMPOSABLE.includes(method.use)) throw targetsUnavailable(method.use);
  },
  create: ({ precisions, batches }) => ({
    scope: 'run',
    async run(context) {
      const { networks } = context;
      const compared = {
        predictions: networks.includes('predictor') ? 'predictor' : 'encoder',
        targets: networks.includes('momentum') ? 'momentum' : 'encoder',
      };
      const measured = [FLOAT, ...precisions.map(readPrecision)];
      const terms: Terms[][] = precisions.map(() => []);
      for (let index = 0; index < batches; index++) {
        const images = (await context.trainingViews(index)).slice(0, 2);
        const requested = [...new Set(Object.values(compared))];
        const outputs = await context.outputs({ networks: requested, precisions: measured, images });
        const [float, ...quantized] = outputs.map((outputsOf): ViewOutputs => {
          const [predictions, targets] = [outputsOf[compared.predictions]!, outputsOf[compared.targets]!];
          return { predictions, targets, count: images[0]!.shape[0] };
        });
        quantized.forEach((outputsOf, at) => terms[at]!.push(termsOf(float!, outputsOf, ordersOf(compared))));
        await context.progress('decomposition', index + 1, batches);
      }
      for (const [index, precision] of precisions.entries()) {
        const evaluations = TERMS.map((term): Evaluation => {
          const metric = `${term} term`;
          // The targets are float features.
          const shared = { stage: 'decomposition', precision, classifier: 'float', metric } as const;
          return { ...shared, ...summarize(terms[index]!.map((ofBatch) => ofBatch[term])) };
        });
        await context.record(evaluations);
      }
    },
  }),
});

/** Built-in methods whose loss does not compare features with features: distributions over prototypes, correlations over a batch. */
const NOT_DECOMPOSABLE: readonly string[] = ['barlow-twins', 'dino', 'swav'];

/** Outputs of both views, [count,D] row-major. */
interface ViewOutputs {
  /** p. */
  readonly predictions: readonly Float32Array[];
  /** z. */
  readonly targets: readonly Float32Array[];
  readonly count: number;
}

const TERMS = ['quantization', 'contrastive', 'cross'] as const;
type Terms = { readonly [term in (typeof TERMS)[number]]: number };

/** Pairs of the view of a prediction and the view of its target. */
type Orders = readonly (readonly [view: number, other: number])[];

/** Both orders. In MoCo, which has a momentum encoder and no predictor, the first view is the query and the second the key. */
function ordersOf({ predictions, targets }: { readonly predictions: string; readonly targets: string }): Orders {
  const first = [0, 1] as const;
  return predictions === 'encoder' && targets === 'momentum' ? [first] : [first, [1, 0]];
}

/** Means over the images of a batch and the orders of their views. */
function termsOf(float: ViewOutputs, quantized: ViewOutputs, orders: Orders): Terms {
  const sums = { quantization: 0, contrastive: 0, cross: 0 };
  for (const [view, other] of orders) {
    const p = unitLength(float.predictions[view]!, float.count);
    const pq = unitLength(quantized.predictions[view]!, float.count);
    const z = unitLength(float.targets[other]!, float.count);
    if (p.length !== z.length) throw spacesDiffer(p.length / float.count, z.length / float.count);
    p.forEach((value, i) => {
      const [quantization, contrastive] = [pq[i]! - value, value - z[i]!];
      sums.quantization += quantization ** 2;
      sums.contrastive += contrastive ** 2;
      sums.cross += 2 * quantization * contrastive;
    });
  }
  const mean = (sum: number): number => sum / (orders.length * float.count);
  return { quantization: mean(sums.quantization), contrastive: mean(sums.contrastive), cross: mean(sums.cross) };
}

/** The mean, and its standard error if there are two values or more. */
function summarize(values: readonly number[]): Pick<Evaluation, 'value' | 'standardError'> {
  const count = values.length;
  const value = values.reduce((sum, term) => sum + term, 0) / count;
  if (count < 2) return { value };
  const squares = values.reduce((sum, term) => sum + (term - value) ** 2, 0);
  return { value, standardError: Math.sqrt(squares / (count - 1) / count) };
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
 * The stage `decomposition` subtracts targets from predictions, but the method's targets are not features.
 * @remedy Remove the stage `decomposition`. It measures methods whose loss compares features: simsiam, byol, moco, simclr.
 */
function targetsUnavailable(method: string): SsqlError {
  return new SsqlError(
    'DECOMPOSITION_TARGETS',
    `decomposition: the loss of the method \`${method}\` does not compare features with features, so it has no such terms.`,
    { hint: 'Remove the stage. It measures simsiam, byol, moco and simclr.' },
  );
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
