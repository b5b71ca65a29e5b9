import type { RunFolder } from '../artifact/run-folder.js';

/** Adds the time of a phase, also of one that is stopped and goes on later. */
export async function timed(folder: RunFolder, phase: string, work: () => Promise<void>): Promise<void> {
  const began = performance.now();
  try {
    await work();
  } finally {
    await folder.addTiming(phase, (performance.now() - began) / 1000);
  }
}
