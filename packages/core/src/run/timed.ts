import type { RunFolder } from '../artifact/run-folder.js';

/** Times a phase within another, whose time it is not. */
export type TimedWithin = (phase: string, work: () => Promise<void>) => Promise<void>;

/** Adds the time of a phase, also of one that is stopped and goes on later. */
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
