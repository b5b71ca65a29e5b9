import { findLibrary, type Engine } from '@ssql/core';
import { openEngine } from '../../packages/core/src/engine/open-engine.js';

/** Runs a suite on the real engine and on plain JavaScript. `engine` is open within its tests. */
export function onEngines(title: string, suite: (engine: () => Engine) => void): void {
  for (const use of ['tensorflow', 'cpu'] as const) {
    describe(`${title} (${use})`, function () {
      let engine: Engine;
      before(async function () {
        if (use === 'tensorflow' && findLibrary() === undefined) {
          this.test!.title += ' (libtensorflow is not installed here: run `ssql engine install`)';
          return this.skip();
        }
        engine = await openEngine({ use, threads: { intraOp: 1, interOp: 2 } });
        return undefined;
      });
      after(() => engine?.close());
      suite(() => engine);
    });
  }
}
