import type { Engine } from '../../packages/core/src/engine/engine.js';
import type { Measure } from '../golden/golden.js';

/** One thing that a golden file says, and how ours is measured against it. Both mocha and `npm run parity` run these. */
export interface ParityCase {
  readonly name: string;
  measure(engine: Engine): Promise<readonly Measure[]>;
}

/** A case that ours has no part for. It counts as failed. */
export function unmatched(name: string, reason: string): ParityCase {
  return {
    name,
    measure: () => Promise.reject(new Error(reason)),
  };
}
