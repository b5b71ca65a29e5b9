import { type Engine } from '@ssql/core';
import { findLibrary } from '@ssql/core/run';
import { openEngine } from '../../packages/core/src/engine/open-engine.js';

/** One thread within an operation, so that sums are added in a fixed order. */
export const THREADS = { intraOp: 1, interOp: 2 } as const;

/** Runs a suite on the real engine and on plain JavaScript. `engine` is open within its tests. */
export function onEngines(title: string, suite: (engine: () => Engine) => void): void {
  onEngine('tensorflow', `${title} (tensorflow)`, suite);
  onEngine('cpu', `${title} (cpu)`, suite);
}

/** Runs a suite on one engine; skips it if the engine is libtensorflow and not installed. */
export function onEngine(use: 'tensorflow' | 'cpu', title: string, suite: (engine: () => Engine) => void): void {
  describe(title, function () {
    let engine: Engine;
    before(async function () {
      if (use === 'tensorflow' && findLibrary() === undefined) {
        this.test!.title += ' (libtensorflow is not installed here: run `ssql engine install`)';
        return this.skip();
      }
      engine = await openEngine({ use, threads: THREADS });
      return undefined;
    });
    after(() => engine?.close());
    suite(() => engine);
  });
}
