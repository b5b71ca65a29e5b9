import type { AnyPlugin } from '@ssql/core';
import * as builtIn from './built-in.js';

export * from './built-in.js';
export { base, companions, example } from './base.js';

/** The built-in plugins. */
export const plugins: readonly AnyPlugin[] = Object.freeze(Object.values(builtIn));

export { bothSides } from './losses/both-sides.js';
export { crossEntropy } from './losses/cross-entropy.js';
export { infoNce } from './losses/info-nce.js';
export { negativeCosine } from './losses/negative-cosine.js';
export { ntXent } from './losses/nt-xent.js';
export { redundancyReduction } from './losses/redundancy-reduction.js';
export { unitLength } from './losses/unit-length.js';
export { normalizedProjector, plainProjector, predictor } from './method/heads.js';
