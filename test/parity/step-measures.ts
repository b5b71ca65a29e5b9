import { goldenError, largest, magnitude, measureNumber, normOf, type Golden, type Measure } from '../golden/golden.js';
import type { HostTensor } from '../golden/recipe.js';

/** What a golden file says of a step. */
export interface GoldenStep {
  readonly loss: number;
  readonly components: Numbers;
  readonly outputs: { readonly [name: string]: Golden };
  readonly grads: {
    readonly [name: string]: { readonly l2: number; readonly sum: number; readonly first4: readonly number[] };
  };
  readonly params_without_grad: readonly string[];
  readonly params_after: Numbers;
  readonly bn_after: Numbers;
  readonly encoder_k_params_after?: Numbers;
  readonly encoder_k_bn_after?: Numbers;
  /** [dim, K] */
  readonly queue_after?: Golden;
  readonly queue_ptr_after?: number;
  readonly activation_quantizers?: {
    readonly [site: string]: { readonly bit: number; readonly min: number; readonly max: number };
  };
  readonly weight_quantizers?: {
    readonly [site: string]: { readonly bit: number; readonly scale_l2: number; readonly scale_first: number };
  };
}

type Numbers = { readonly [name: string]: number };

/** How far the official code is from itself, with other kernels for example. */
export interface Deviation {
  readonly loss_abs: number;
  readonly outputs_rel_max: number;
  readonly grad_vector_rel_median: number;
  readonly grad_vector_rel_max: number;
  readonly grad_norm_rel_median: number;
  readonly grad_norm_rel_max: number;
  readonly param_norm_rel_max: number;
}

/** A step of ours, by official names and in PyTorch's layout. */
export interface OurStep {
  readonly loss: number;
  /** The losses of the branches. */
  readonly parts: { readonly float: number | undefined; readonly quantized: number | undefined };
  readonly outputs: { readonly [name: string]: HostTensor };
  readonly gradients: ReadonlyMap<string, HostTensor>;
  readonly without: readonly string[];
  /** Of parameters and running statistics after the step, a momentum encoder's too. */
  readonly norms: ReadonlyMap<string, number>;
  /** [K, dim], the oldest key first. */
  readonly queue: HostTensor | undefined;
  /** What quantizers were given. */
  readonly ranges: { readonly [operand in 'weights' | 'activations']: ReadonlyMap<string, OurRange> };
}

export interface OurRange {
  readonly bits: number;
  readonly min: Float32Array;
  readonly max: Float32Array;
}

const TIGHT = 1e-4;
/** The worst deviation of a step's gradients is that many times the median one, in files where none is zero: 5 to 30. */
const WORST = 30;
/** Gradients that are zero in exact arithmetic are this small beside the largest one. */
const NOTHING = 1e-5;

/** Where a step stands. */
export interface Standing {
  /** Keys that were written to the queue before it, and that it writes. */
  readonly keys: { readonly before: number; readonly own: number };
  /** The deviations that the file states of it. */
  readonly stated: readonly Deviation[];
  /** We may be this many times as far from the official code as that is from itself, or 1e-4 where that is more. */
  readonly factor: number;
}

/**
 * Measures a step by the quantities in which the official deviation is stated. A step is evident by its loss, outputs, gradients, and what is
 * observed in it. Which parameters have a gradient, and the weights before and after, are coarse facts: the learning rate leaves the
 * weights nearly as they were, whatever the gradient. Not compared are counts of batch-norm passes, which we do not
 * keep: with another count the running statistics differ.
 */
export function measureStep(ours: OurStep, golden: GoldenStep, at: Standing): Measure[] {
  const { norms, vectors, zeros, worst } = gradientErrors(ours, golden);
  const allowed = (of: keyof Deviation): number => at.factor * largest(at.stated.map((one) => one[of]));
  const tolerance = (of: keyof Deviation): number => Math.max(TIGHT, allowed(of));
  // Where a gradient is zero in exact arithmetic, the largest deviation that is stated is that of its noise.
  const ofWorst = (of: 'norm' | 'vector'): number => {
    const [most, median] = [tolerance(`grad_${of}_rel_max`), tolerance(`grad_${of}_rel_median`)];
    return zeros.length > 0 ? Math.min(most, WORST * median) : most;
  };
  const later = Math.max(tolerance('outputs_rel_max'), tolerance('param_norm_rel_max'));
  return [
    measureNumber(ours.loss, golden.loss, tolerance('loss_abs'), 'loss'),
    ...partMeasures(ours, golden, tolerance('loss_abs')),
    { what: 'outputs', error: outputError(ours, golden, at), tolerance: tolerance('outputs_rel_max') },
    { what: 'median norm of gradients', error: median(norms), tolerance: tolerance('grad_norm_rel_median') },
    { what: 'worst norm of a gradient', error: largest(norms), tolerance: ofWorst('norm') },
    { what: 'median of gradients', error: median(vectors), tolerance: tolerance('grad_vector_rel_median') },
    { what: `worst gradient, of ${worst}`, error: largest(vectors), tolerance: ofWorst('vector') },
    { what: 'gradients that are zero', error: largest(zeros), tolerance: TIGHT, coarse: true },
    {
      what: 'parameters without a gradient',
      error: ours.without.join() === golden.params_without_grad.join() ? 0 : Infinity,
      tolerance: 0,
      coarse: true,
    },
    {
      what: 'norms of parameters after the step',
      error: normError(ours, golden.params_after, 1e-3),
      tolerance: tolerance('param_norm_rel_max'),
      coarse: true,
    },
    {
      what: 'norms of running statistics after the step',
      error: normError(ours, golden.bn_after, 1),
      tolerance: later,
    },
    ...(golden.encoder_k_params_after
      ? [
          {
            what: 'norms of the momentum encoder',
            error: normError(ours, golden.encoder_k_params_after, 1e-3),
            tolerance: tolerance('param_norm_rel_max'),
            coarse: true,
          },
          {
            what: "norms of the momentum encoder's running statistics",
            error: normError(ours, golden.encoder_k_bn_after ?? {}, 1),
            tolerance: later,
          },
        ]
      : []),
    ...(golden.queue_after ? [{ what: 'queue', error: queueError(ours, golden, at), tolerance: later }] : []),
    ...(golden.activation_quantizers
      ? [
          { what: 'ranges of activations', error: activationError(ours, golden), tolerance: later },
          {
            what: 'scales of weights',
            error: weightError(ours, golden),
            tolerance: tolerance('param_norm_rel_max'),
            coarse: true,
          },
        ]
      : []),
  ];
}

/** The losses of the branches, where there is more than one. */
function partMeasures({ parts }: OurStep, { components }: GoldenStep, tolerance: number): readonly Measure[] {
  const branches = [
    ['float', parts.float, components['branch_float'] ?? components['ce_float']],
    ['quantized', parts.quantized, components['branch_quant'] ?? components['ce_quant']],
  ] as const;
  return branches.flatMap(([name, actual, expected]) =>
    expected === undefined
      ? []
      : [
          {
            what: `loss of the ${name} branch`,
            error: largest([(actual ?? NaN) - expected]),
            tolerance,
            ...magnitude(Math.abs(expected)),
          },
        ],
  );
}

/** The largest error of an output's elements, relative to its largest element. */
function outputError(ours: OurStep, golden: GoldenStep, { keys }: Standing): number {
  return largest(
    Object.entries(golden.outputs).flatMap(([name, expected]) => {
      const output = ours.outputs[name];
      if (output === undefined) return [NaN];
      const found = (name.startsWith('logits') ? inRingOrder(output, 1, keys.before) : output).values;
      if ('values' in expected) {
        const unit = Math.max(...expected.values.map(Math.abs));
        return expected.values.map((value, i) => (found[i]! - value) / unit);
      }
      const { min, max, first16, spaced16 } = expected;
      const unit = Math.max(Math.abs(min), Math.abs(max));
      return [
        ...first16.map((value, i) => (found[i]! - value) / unit),
        ...spaced16.map((value, k) => (found[Math.floor((k * (found.length - 1)) / 15)]! - value) / unit),
      ];
    }),
  );
}

/** Errors of each gradient's norm and of its first elements, relative to its norm; of zero ones relative to the largest norm. */
function gradientErrors(
  { gradients }: OurStep,
  { grads }: GoldenStep,
): { readonly norms: number[]; readonly vectors: number[]; readonly zeros: number[]; readonly worst: string } {
  const greatest = Math.max(...Object.values(grads).map(({ l2 }) => l2));
  const errors = { norms: [] as number[], vectors: [] as number[], zeros: [] as number[], worst: '' };
  for (const [name, { l2, first4, sum }] of Object.entries(grads)) {
    const values = gradients.get(name)?.values;
    if (values === undefined) {
      errors.norms.push(NaN);
      continue;
    }
    const norm = normOf(values);
    if (l2 <= NOTHING * greatest) {
      errors.zeros.push((norm - l2) / greatest);
      continue;
    }
    const total = values.reduce((sum, value) => sum + value, 0);
    errors.norms.push(Math.abs(norm - l2) / l2);
    const vector = Math.max(
      Math.hypot(...first4.map((value, i) => values[i]! - value)) / l2,
      Math.abs(total - sum) / (Math.sqrt(values.length) * l2),
    );
    if (!(vector <= largest(errors.vectors))) errors.worst = name;
    errors.vectors.push(vector);
  }
  return errors;
}

/** Relative errors; of what is smaller than `least`, relative to that. */
function normError({ norms }: OurStep, golden: Numbers, least: number): number {
  return largest(
    Object.entries(golden).flatMap(([name, value]) =>
      name.endsWith('num_batches_tracked')
        ? []
        : [((norms.get(name) ?? NaN) - value) / Math.max(least, Math.abs(value))],
    ),
  );
}

/** The official queue is a ring, [dim, K]. */
function queueError({ queue }: OurStep, { queue_after, queue_ptr_after }: GoldenStep, { keys }: Standing): number {
  if (!queue || !queue_after) return NaN;
  const [size, dim] = queue.shape as [number, number];
  const written = keys.before + keys.own;
  if (queue_ptr_after !== written % size) return NaN;
  const values = Float32Array.from(queue.values, (_, at) => queue.values[(at % size) * dim + Math.floor(at / size)]!);
  return goldenError(inRingOrder({ shape: [dim, size], values }, 0, written), queue_after);
}

/**
 * Rows whose columns are keys, ours from the oldest one, as the official ring has them.
 * @param first column of a key; those before stay
 */
function inRingOrder({ shape, values }: HostTensor, first: number, written: number): HostTensor {
  const width = shape[1]!;
  const size = width - first;
  const from = (column: number): number =>
    column < first ? column : first + ((((column - first - written) % size) + size) % size);
  return { shape, values: values.map((_, at) => values[at - (at % width) + from(at % width)]!) };
}

/** Errors relative to the range's width. */
function activationError({ ranges }: OurStep, { activation_quantizers = {} }: GoldenStep): number {
  if (ranges.activations.size !== Object.keys(activation_quantizers).length) return NaN;
  return largest(
    Object.entries(activation_quantizers).flatMap(([site, { bit, min, max }]) => {
      const found = ranges.activations.get(site);
      if (found?.bits !== bit) return [NaN];
      return [(found.min[0]! - min) / (max - min), (found.max[0]! - max) / (max - min)];
    }),
  );
}

/** Errors of the symmetric scales per channel, max(|min|, |max|) / ((2^b - 1) / 2), relative to them. */
function weightError({ ranges }: OurStep, { weight_quantizers = {} }: GoldenStep): number {
  if (ranges.weights.size !== Object.keys(weight_quantizers).length) return NaN;
  return largest(
    Object.entries(weight_quantizers).flatMap(([site, { bit, scale_l2, scale_first }]) => {
      const found = ranges.weights.get(site);
      if (found?.bits !== bit) return [NaN];
      const scales = found.min.map((min, i) => Math.max(Math.abs(min), Math.abs(found.max[i]!)) / ((2 ** bit - 1) / 2));
      return [(normOf(scales) - scale_l2) / scale_l2, (scales[0]! - scale_first) / scale_first];
    }),
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
