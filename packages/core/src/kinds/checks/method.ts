import type { MemoryTensor, Method } from '../method.js';
import { checksOf, problem } from './checks.js';
import { networkChecks } from './network.js';
import { isCount, isRecord, isShape, isTensor, notTensorOf, shapeText, shown, sizeOf } from './values.js';

export const methodChecks = checksOf<Method>({
  value({ views, learningRates = {} }) {
    if (typeof views === 'number' && !isCount(views, 1))
      return problem(`\`views\` ${shown(views)}`, 'a whole number of at least 1');
    const rate = Object.entries(learningRates).find(([, factor]) => !(Number.isFinite(factor) && factor >= 0));
    return rate && problem(`the learning rate factor ${shown(rate[1])} for \`${rate[0]}\``, 'a finite number from 0');
  },
  parts: () => ({
    projector: networkChecks,
    heads: { each: networkChecks },
    memory: { each: memoryChecks },
  }),
  returns: {
    momentum(result) {
      const valid = typeof result === 'number' && result >= 0 && result <= 1;
      return valid ? undefined : problem(shown(result), 'a number from 0 to 1');
    },
    loss: (result) => notTensorOf(result, []),
    features: (result) =>
      isTensor(result) && result.rank === 2 ? undefined : problem(shown(result), 'features [N,D]'),
    nextMemory(result, _, { memory = {} }) {
      if (!isRecord(result)) return problem(shown(result), 'a tensor for each name in `memory`');
      const unknown = Object.keys(result).find((name) => !(name in memory));
      if (unknown !== undefined) return problem(`\`${unknown}\``, `only the names in \`memory\``);
      for (const [name, { shape }] of Object.entries(memory)) {
        const tensor = result[name];
        if (!isTensor(tensor) || tensor.shape.join() !== shape.join())
          return problem(`${shown(tensor)} as \`${name}\``, `a tensor ${shapeText(shape)}, as in \`memory\``);
      }
      return undefined;
    },
  },
});

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
