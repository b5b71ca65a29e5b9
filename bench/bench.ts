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
export interface Result {
  readonly ours?: Measurement;
  readonly peer?: Measurement;
  /** Why the peer was not measured. */
  readonly peerMissing?: string;
}

export interface BenchOptions {
  /** Images per step, two views each. */
  readonly batch: number;
  /** Measured steps, after the warm-up. */
  readonly steps: number;
  readonly threads: number;
  readonly oursOnly: boolean;
  /** Says what is going on; never part of the result. */
  readonly log: (message: string) => void;
}

/** A side-by-side measurement. */
export interface Bench {
  readonly summary: string;
  run(options: BenchOptions): Promise<Result>;
}
