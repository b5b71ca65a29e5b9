import type { Draw, MemoryTensor, Method, ViewPositions } from '../method.js';
import { checksOf, problem, type AnyChecks } from './checks.js';
import { networkChecks } from './network.js';
import { isCount, isFloats, isRecord, isShape, shown, shownShape, sizeOf } from '../../values.js';
import { notFinite, notNumbers, notTensorOf } from './problems.js';

export const methodChecks = checksOf<Method>({
  optional: {
    learningRates: 'record',
    momentum: 'function',
    momentumHeads: 'list',
    scalars: 'function',
    draws: 'record',
    frozen: 'record',
    memory: 'record',
    nextMemory: 'function',
  },
  value({ views, learningRates = {}, memory = {}, nextMemory }) {
    if (Object.keys(memory).length > 0 && nextMemory === undefined)
      return problem('`memory` without `nextMemory`', 'the function that moves it');
    if (!areViews(views))
      return problem(
        `\`views\` ${shown(views)}`,
        typeof views === 'number' ? 'a whole number of at least 1' : 'a number, or `global` and `local` views',
      );
    const rate = Object.entries(learningRates).find(([, factor]) => !(Number.isFinite(factor) && factor >= 0));
    return rate && problem(`the learning rate factor ${shown(rate[1])} for \`${rate[0]}\``, 'a finite number from 0');
  },
  parts: ({ frozen = {} }) => ({
    draws: { each: drawChecks },
    frozen: frozenChecks(Object.keys(frozen)),
    projector: networkChecks,
    heads: { each: networkChecks },
    memory: { each: memoryChecks },
  }),
  returns: {
    momentum(result) {
      const valid = typeof result === 'number' && result >= 0 && result <= 1;
      return valid ? undefined : problem(shown(result), 'a number from 0 to 1');
    },
    scalars: notNumbers,
    loss: (result) => notTensorOf(result, []),
    features: (result) =>
      isFloats(result) && result.rank === 2 ? undefined : problem(shown(result), 'features [N,D]'),
    nextMemory(result, _, { memory = {} }) {
      if (!isRecord(result)) return problem(shown(result), 'a tensor for each name in `memory`');
      const unknown = Object.keys(result).find((name) => !(name in memory));
      if (unknown !== undefined) return problem(`\`${unknown}\``, `only the names in \`memory\``);
      for (const [name, { shape }] of Object.entries(memory)) {
        const wrong = notTensorOf(result[name], shape, ', as in `memory`');
        if (wrong) return problem(`${wrong.actual} as \`${name}\``, wrong.expected);
      }
      return undefined;
    },
  },
});

const drawChecks = checksOf<Draw>({
  members: { shape: 'function', element: 'function' },
  returns: {
    shape: (result) => (isShape(result) ? undefined : problem(shownShape(result), 'sizes of at least 1')),
    element: notFinite,
  },
});

/** Whether a value says how many views a method takes. */
export function areViews(takes: unknown): takes is number | ViewPositions {
  if (typeof takes !== 'object' || takes === null) return isCount(takes, 1);
  const { global, local = 0 } = takes as { readonly [key: string]: unknown };
  return isCount(global, 1) && (local === 'any' || isCount(local, 0));
}

/** Of a record of functions that tell whether a network is frozen. */
function frozenChecks(networks: readonly string[]): AnyChecks {
  const all = <T>(value: T): { readonly [network: string]: T } =>
    Object.fromEntries(networks.map((network) => [network, value]));
  return {
    members: all('function' as const),
    returns: all((result: unknown) =>
      typeof result === 'boolean' ? undefined : problem(shown(result), 'true or false'),
    ),
  };
}

const memoryChecks = checksOf<MemoryTensor>({
  members: { shape: 'object', initial: 'function' },
  value: ({ shape }) => (isShape(shape) ? undefined : problem(`\`shape\` [${String(shape)}]`, 'sizes of at least 1')),
  returns: {
    initial(result, _, { shape }) {
      const meaning = `a Float32Array of ${sizeOf(shape)} finite numbers`;
      if (!(result instanceof Float32Array)) return problem(shown(result), meaning);
      if (result.length !== sizeOf(shape)) return problem(`${result.length} numbers`, meaning);
      return result.every(Number.isFinite) ? undefined : problem('numbers that are not finite', meaning);
    },
  },
});
