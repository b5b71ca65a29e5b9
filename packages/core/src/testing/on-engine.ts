import { findBackendFactory, getBackend, setBackend } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.js';
import { openEngine } from '../engine/open-engine.js';

/** Opens an engine, works on it, closes it and gives tfjs back the backend that it had. */
export async function onEngine<T>(use: 'cpu' | 'tensorflow', work: (engine: Engine) => Promise<T>): Promise<T> {
  const before = getBackend();
  const engine = await openEngine(use === 'cpu' ? { use } : { use, threads: { intraOp: 1, interOp: 1 } });
  try {
    return await work(engine);
  } finally {
    engine.close();
    // A backend's name is empty, or undefined, before any was chosen.
    if (before && findBackendFactory(before)) await setBackend(before);
  }
}
