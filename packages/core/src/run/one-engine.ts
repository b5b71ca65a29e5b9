import type { Engine } from '../engine/engine.js';
import { openEngine } from '../engine/open-engine.js';
import type { Pipeline } from '../pipeline/pipeline.js';

export interface OneEngine {
  open(pipeline: Pipeline): Promise<Engine>;
  close(): void;
}

/** The one engine of the process, opened anew where a matrix asks for another. */
export function oneEngine(note: (line: string) => void): OneEngine {
  let current: { readonly settings: string; readonly engine: Engine } | undefined;
  const close = (): void => {
    current?.engine.close();
    current = undefined;
  };
  return {
    async open({ engine: wanted }) {
      const settings = JSON.stringify(wanted);
      if (current?.settings === settings) return current.engine;
      close();
      current = { settings, engine: await openEngine(wanted, note) };
      return current.engine;
    },
    close,
  };
}
