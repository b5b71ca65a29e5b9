import type { Network } from '../../nn/network.js';
import { checksOf, problem } from './checks.js';
import { isShape, isTensor, shown } from './values.js';

/** A network: it returns what it gets, shapes or tensors. */
export const networkChecks = checksOf<Network>({
  members: { forward: 'function' },
  returns: {
    forward(result, [, x]) {
      const valid = Array.isArray(x) ? isShape(result) : !isTensor(x) || isTensor(result);
      return valid ? undefined : problem(shown(result), 'what the last operation returns');
    },
  },
});

/** The problem of the output of a network that must make features, of this shape. */
export const FEATURES = 'features [N,D]';

/** A backbone or a head makes features. */
export const featureNetworkChecks = checksOf<Network>({
  members: { forward: 'function' },
  returns: {
    forward(result, args, made) {
      const wrong = networkChecks.returns?.['forward']?.(result, args, made);
      if (wrong !== undefined) return wrong;
      const shape = isTensor(result) ? result.shape : result;
      const isFeatures = !Array.isArray(shape) || shape.length === 2;
      return isFeatures ? undefined : problem(`[${(shape as number[]).join()}]`, FEATURES);
    },
  },
});
