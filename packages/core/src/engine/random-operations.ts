import * as tfjs from '@tensorflow/tfjs-core';
import type { Tf } from './engine.js';
import { randomOperation } from './engine-errors.js';

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

let inStep = false;

/** Runs the work as a step, in which random operations fail. */
export function asStep<T>(work: () => T): T {
  const before = inStep;
  inStep = true;
  try {
    return work();
  } finally {
    inStep = before;
  }
}

/**
 * tfjs for steps and plugins, the same for all engines of the process. Its random operations fail within a step: tfjs draws random numbers
 * on the host, so a step that is traced would keep those of the trace for ever, while one that runs eagerly would draw others each time, and
 * none of them depend on the seed.
 */
export const guardedTf: Tf = {
  ...tfjs,
  ...Object.fromEntries(
    RANDOM.map((name) => {
      const operation = tfjs[name] as (...args: unknown[]) => unknown;
      const refusing = (...args: unknown[]): unknown => {
        if (inStep) throw randomOperation(name);
        return operation(...args);
      };
      return [name, refusing];
    }),
  ),
};
