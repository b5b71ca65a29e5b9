import type { Network } from '../../nn/network.js';
import { checksOf, problem } from './checks.js';
import { isFloats, isShape, isTensor, shown } from '../../values.js';

/** A network that makes features: a backbone, a projector or a head. It returns what it gets, shapes or tensors. */
export const networkChecks = checksOf<Network>({
  members: { forward: 'function' },
  returns: {
    forward(result, [, x]) {
      const valid = Array.isArray(x) ? isShape(result) : !isTensor(x) || isFloats(result);
      if (!valid) return problem(shown(result), 'what the last operation returns');
      const shape: unknown = isTensor(result) ? result.shape : result;
      // Other interpretations of a network have values of their own.
      if (!isShape(shape) || shape.length === 2) return undefined;
      return problem(`[${shape.join()}]`, 'features [N,D]');
    },
  },
});
