import type { Tf } from './engine.js';
import { randomOperation } from './engine-errors.js';

/** tfjs for plugins, whose random operations fail within a step. */
export interface GuardedTf {
  readonly tf: Tf;
  /** Runs the work as a step. */
  step<T>(work: () => T): T;
}

/**
 * tfjs draws random numbers on the host: a step that is traced would keep those of the trace for ever, while one that runs eagerly would
 * draw others each time, and none of them depend on the seed.
 */
export function withoutRandomOperations(tf: Tf): GuardedTf {
  let inStep = false;
  const guarded = RANDOM.map((name) => {
    const operation = tf[name] as (...args: unknown[]) => unknown;
    const refusing = (...args: unknown[]): unknown => {
      if (inStep) throw randomOperation(name);
      return operation(...args);
    };
    return [name, refusing] as const;
  });
  return {
    tf: { ...tf, ...Object.fromEntries(guarded) } as Tf, // the same members
    step(work) {
      const before = inStep;
      inStep = true;
      try {
        return work();
      } finally {
        inStep = before;
      }
    },
  };
}

const RANDOM = [
  'rand',
  'randomGamma',
  'randomNormal',
  'randomStandardNormal',
  'randomUniform',
  'randomUniformInt',
  'truncatedNormal',
  'multinomial',
  'dropout',
] as const satisfies readonly (keyof Tf)[];
