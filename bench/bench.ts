export interface BenchOptions {
  /** Images per step, two views each. */
  readonly batch: number;
  /** Measured steps, after the warm-up. */
  readonly steps: number;
  readonly threads: number;
  /** Images of the tree that `load` reads. */
  readonly images: number;
  readonly oursOnly: boolean;
  /** Reports progress; not part of the result. */
  readonly log: (message: string) => void;
}

export interface Report {
  /** Whether there is a result that can be trusted; otherwise the exit status is 1. */
  readonly ok: boolean;
  /** For people. */
  readonly text: string;
  /** For machines. */
  readonly json: { readonly [key: string]: unknown };
}

export interface Bench {
  readonly summary: string;
  /** Images per step without `--batch`; default: 64. */
  readonly batch?: number;
  /** Measured steps without `--steps`. */
  readonly steps: number;
  /** The fewest steps that can be measured; default: 1. */
  readonly leastSteps?: number;
  run(options: BenchOptions): Promise<Report>;
}

/** The number formats of the networks. */
export type Precision = 'float32' | 'bfloat16';

/** What a process printed about its steps. */
export interface Measurement {
  /** Of each step after the warm-up. */
  readonly seconds: readonly number[];
  /** The largest resident memory of the process. */
  readonly peakBytes: number;
  /** Resident memory after each step; ours only. */
  readonly residentBytes?: readonly number[];
}

/** Why something was not measured. */
export interface Missing {
  readonly missing: string;
}

export function isMissing(value: object): value is Missing {
  return 'missing' in value;
}
