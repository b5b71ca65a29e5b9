/** What a step cost. */
export interface Measurement {
  /** Median, after warm-up. */
  readonly secondsPerStep: number;
  /** Images, not views. */
  readonly imagesPerSecond: number;
  /** Largest resident set of the measured process. */
  readonly peakBytes: number;
}

/** Ours and the peer's, measured in one run on one machine; either may be left out. */
export interface Comparison {
  readonly ours?: Measurement;
  readonly peer?: Measurement;
  /** Why the peer was not measured. */
  readonly peerMissing?: string;
}

export interface StepOptions {
  /** Images per step, two views each. */
  readonly batch: number;
  /** Measured steps, after the warm-up. */
  readonly steps: number;
  readonly threads: number;
  /** Says what is going on; never part of the result. */
  readonly log: (message: string) => void;
}

export interface BenchOptions extends StepOptions {
  readonly oursOnly: boolean;
  readonly network: Network;
}

/** The CIFAR network of the paper, and one that is small enough for thousands of steps. */
export const NETWORKS = ['resnet18', 'small'] as const;
export type Network = (typeof NETWORKS)[number];

export interface Report {
  /** Whether anything was measured. */
  readonly ok: boolean;
  /** For people. */
  readonly text: string;
  /** For machines; `ratio`, above 1 where ours is better, compares with the peer where there is one. */
  readonly json: { readonly [key: string]: unknown };
}

/** A measurement, side by side where there is a peer. */
export interface Bench {
  readonly summary: string;
  /** Images per step, where `--batch` does not say; 64 where it is left out. */
  readonly batch?: number;
  /** Measured steps, where `--steps` does not say. */
  readonly steps: number;
  run(options: BenchOptions): Promise<Report>;
}
