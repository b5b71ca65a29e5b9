import { findBackendFactory, getBackend, setBackend } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.js';
import { openEngine } from '../engine/open-engine.js';

/** Opens an engine, runs the work on it, closes it and restores tfjs's previous backend. */
export async function onEngine<T>(use: 'cpu' | 'tensorflow', work: (engine: Engine) => Promise<T>): Promise<T> {
  const before = getBackend();
  const engine = await openEngine(use === 'cpu' ? { use } : { use, threads: { intraOp: 1, interOp: 1 } });
  try {
    return await work(engine);
  } finally {
    engine.close();
    // The name is empty or undefined if no backend was chosen before.
    if (before && findBackendFactory(before)) await setBackend(before);
  }
}
