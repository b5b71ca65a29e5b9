/** The arithmetic of a step, its time, and the least time that the machine takes for its layers alone. */
export interface Timed {
  /** Floating-point operations, counted from the network. */
  readonly flop: number;
  readonly seconds: number;
  readonly leastSeconds: number;
}

export interface Verdict {
  /** 10^9 operations per second. */
  readonly gflops: number;
  /** The largest that the machine can reach. */
  readonly peakGflops: number;
  /** `gflops` over `peakGflops`. */
  readonly share: number;
  /** Nothing is faster than the peak: if it seems so, the step left out a part of its arithmetic. */
  readonly possible: boolean;
}

/** Compares the speed of a step with the machine's peak. */
export function judge({ flop, seconds, leastSeconds }: Timed): Verdict {
  return {
    gflops: flop / seconds / 1e9,
    peakGflops: flop / leastSeconds / 1e9,
    share: leastSeconds / seconds,
    possible: seconds >= leastSeconds,
  };
}

/** A line for each side whose speed is impossible. */
export function complaints(verdicts: { readonly [side: string]: Verdict }): string[] {
  return Object.entries(verdicts)
    .filter(([, { possible }]) => !possible)
    .map(
      ([side, { gflops, peakGflops }]) =>
        `${side} is faster than this machine's peak: ${gflops.toFixed(0)} of ${peakGflops.toFixed(0)} GFLOP/s. ` +
        'Its steps left out a part of the counted arithmetic. Make both sides do all of it: do the two views differ?',
    );
}
