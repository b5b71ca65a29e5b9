import type { RunFolder } from '../artifact/run-folder.js';

/** Times a phase within another phase, whose time excludes it. */
export type TimedWithin = (phase: string, work: () => Promise<void>) => Promise<void>;

/** Adds the time of a phase, even if it is interrupted and continues later. */
export async function timed(
  folder: RunFolder,
  phase: string,
  work: (within: TimedWithin) => Promise<void>,
): Promise<void> {
  const began = performance.now();
  let apart = 0;
  try {
    await work(async (inner, innerWork) => {
      const start = performance.now();
      await timed(folder, inner, innerWork).finally(() => (apart += performance.now() - start));
    });
  } finally {
    await folder.addTiming(phase, (performance.now() - began - apart) / 1000);
  }
}
