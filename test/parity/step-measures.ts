import { largest, measureNumber, type Golden, type Measure } from '../golden/golden.js';
import type { HostTensor } from '../golden/recipe.js';

/** What a golden file says of a step. */
export interface GoldenStep {
  readonly loss: number;
  readonly outputs: { readonly [name: string]: Golden };
  readonly grads: {
    readonly [name: string]: { readonly l2: number; readonly sum: number; readonly first4: readonly number[] };
  };
  readonly params_without_grad: readonly string[];
  readonly params_after: { readonly [name: string]: number };
  readonly bn_after: { readonly [name: string]: number };
}

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
  readonly outputs: { readonly [name: string]: HostTensor };
  readonly gradients: ReadonlyMap<string, HostTensor>;
  readonly without: readonly string[];
  /** Of parameters and running statistics after the step. */
  readonly norms: ReadonlyMap<string, number>;
}

const TIGHT = 1e-4;
/** A port may be this many times as far from the official code as that is from itself. */
const FACTOR = 10;
/** Gradients that are zero in exact arithmetic are this small beside the largest one. */
const NOTHING = 1e-5;

/**
 * Measures a step by the quantities in which the official deviation is stated.
 * @param official deviations; none: everything tightly
 */
export function measureStep(ours: OurStep, golden: GoldenStep, official: readonly Deviation[]): Measure[] {
  const tolerance = (of: keyof Deviation): number =>
    Math.max(TIGHT, ...official.map((deviation) => FACTOR * deviation[of]));
  const { norms, vectors, zeros, worst } = gradientErrors(ours, golden);
  const expected = { ...golden.params_after, ...withoutCounters(golden.bn_after) };
  return [
    measureNumber(ours.loss, golden.loss, tolerance('loss_abs'), 'loss'),
    { what: 'outputs', error: outputError(ours, golden), tolerance: tolerance('outputs_rel_max') },
    { what: 'median norm of gradients', error: median(norms), tolerance: tolerance('grad_norm_rel_median') },
    { what: 'worst norm of a gradient', error: largest(norms), tolerance: tolerance('grad_norm_rel_max') },
    { what: 'median of gradients', error: median(vectors), tolerance: tolerance('grad_vector_rel_median') },
    { what: `worst gradient, of ${worst}`, error: largest(vectors), tolerance: tolerance('grad_vector_rel_max') },
    { what: 'gradients that are zero', error: largest(zeros), tolerance: TIGHT },
    {
      what: 'parameters without a gradient',
      error: ours.without.join() === golden.params_without_grad.join() ? 0 : Infinity,
      tolerance: 0,
    },
    {
      what: 'norms of parameters after the step',
      error: normError(ours, golden.params_after, 1e-3),
      tolerance: tolerance('param_norm_rel_max'),
    },
    {
      what: 'norms of running statistics after the step',
      error: normError(ours, withoutCounters(golden.bn_after), 1),
      tolerance: Math.max(tolerance('outputs_rel_max'), tolerance('param_norm_rel_max')),
    },
    { what: 'names', error: Object.keys(expected).every((name) => ours.norms.has(name)) ? 0 : Infinity, tolerance: 0 },
  ];
}

/** The largest error of an output's elements, relative to its largest element. */
function outputError(ours: OurStep, golden: GoldenStep): number {
  return largest(
    Object.entries(golden.outputs).flatMap(([name, expected]) => {
      const found = ours.outputs[name]?.values;
      if (found === undefined) return [NaN];
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
    const norm = Math.sqrt(values.reduce((total, value) => total + value * value, 0));
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

function normError({ norms }: OurStep, golden: { readonly [name: string]: number }, least: number): number {
  return largest(
    Object.entries(golden).map(
      ([name, value]) => ((norms.get(name) ?? NaN) - value) / Math.max(least, Math.abs(value)),
    ),
  );
}

function withoutCounters(statistics: { readonly [name: string]: number }): { readonly [name: string]: number } {
  return Object.fromEntries(Object.entries(statistics).filter(([name]) => !name.endsWith('num_batches_tracked')));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
