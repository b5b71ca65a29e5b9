import type { Mutation } from './mutation.js';

const BROKEN = 'broken/broken-plugins';
const GRAPH = ['plugin/import-graph'];
const core = 'packages/core/src/';
const checks = `${core}kinds/checks/`;

/** What is checked of plugins, the identity of their files, and what engines compute. */
export const pluginMutations: readonly Mutation[] = [
  {
    name: 'results of plugins are not checked',
    file: `${core}container/guard.ts`,
    text: 'const wrong = check?.(result, args, object) ??',
    replacement: 'const wrong =',
    tests: [`${BROKEN} > schedule:`],
  },
  {
    name: 'objects that functions return are not guarded',
    file: `${core}container/guard.ts`,
    text: 'return part === undefined\n      ? result',
    replacement: 'return part === undefined || part !== undefined\n      ? result',
    tests: [`${BROKEN} > augmentation:`],
  },
  {
    name: 'members are not checked',
    file: `${core}container/guard.ts`,
    text: 'if (!isOf(type, value)) throw',
    replacement: 'if (value === null) throw',
    tests: ['container/guard'],
  },
  {
    name: 'null is an object',
    file: `${core}container/guard.ts`,
    text: 'return typeof value === type && value !== null;',
    replacement: 'return typeof value === type;',
    tests: ['container/guard', `${BROKEN} > data:`],
  },
  {
    name: 'a factor of a schedule may be negative',
    file: `${checks}schedule.ts`,
    text: 'Number(result) < 0',
    replacement: 'Number(result) < -1e9',
    tests: [`${BROKEN} > schedule:`],
  },
  {
    name: 'a sampler may draw widths that nobody asked for',
    file: `${checks}sampler.ts`,
    text: "if (bits === 'float' || sets[operand].includes(bits)) continue;",
    replacement: "if (bits === 'float' || Number.isInteger(bits)) continue;",
    tests: [`${BROKEN} > sampler:`],
  },
  {
    name: 'a quantizer may return another shape',
    file: `${checks}quantizer.ts`,
    text: "fakeQuantize: (result, [x]) => notTensorOf(result, x.shape, ', as its input'),",
    replacement: 'fakeQuantize: () => undefined,',
    tests: [`${BROKEN} > quantizer:`],
  },
  {
    name: 'a range may be of another granularity',
    file: `${checks}observer.ts`,
    text: 'end.size !== channels || (end.shape.at(-1) ?? 1) !== channels',
    replacement: 'end.size === 0',
    tests: [`${BROKEN} > observer:`],
  },
  {
    name: 'labels may be beyond the classes',
    file: `${checks}data.ts`,
    text: 'label >= Math.max(1, classes)',
    replacement: 'label > Math.max(1, classes)',
    tests: [`${BROKEN} > data:`],
  },
  {
    name: 'a dataset may return fewer bytes',
    file: `${checks}data.ts`,
    text: 'if (result.length !== expected)',
    replacement: 'if (result.length > expected)',
    tests: [`${BROKEN} > data:`],
  },
  {
    name: 'a momentum may exceed 1',
    file: `${checks}method.ts`,
    text: 'result >= 0 && result <= 1',
    replacement: 'result >= 0 && result <= 2',
    tests: [`${BROKEN} > method:`],
  },
  {
    name: 'an update may drop a slot',
    file: `${checks}optimizer.ts`,
    text: 'after.length !== before.length',
    replacement: 'after.length > before.length',
    tests: [`${BROKEN} > optimizer:`],
  },
  {
    name: 'draws may be infinite',
    file: `${checks}augmentation.ts`,
    text: '!Number.isFinite(numbers[i])',
    replacement: 'Number.isNaN(numbers[i])',
    tests: [`${BROKEN} > augmentation:`],
  },
  {
    name: 'the hash of a plugin follows no import',
    file: `${core}plugin/import-graph.ts`,
    text: 'if (installed === undefined) pending.push(imported);',
    replacement: 'if (installed === undefined) continue;',
    tests: GRAPH,
  },
  {
    name: 'the hash of a plugin ignores versions of packages',
    file: `${core}plugin/import-graph.ts`,
    text: '`${installed.name}@${installed.version}`',
    replacement: '`${installed.name}`',
    tests: GRAPH,
  },
  {
    name: 'the hash of a plugin knows no `require`',
    file: `${core}plugin/import-graph.ts`,
    text: 'return [...imported, ...required];',
    replacement: 'return imported;',
    tests: GRAPH,
  },
  {
    name: 'the hash of a plugin depends on its folder',
    file: `${core}plugin/import-graph.ts`,
    text: "relative(dirname(entry), file).replaceAll(sep, '/')",
    replacement: 'file',
    tests: GRAPH,
  },
  {
    name: "a batch norm's gradient forgets the mean",
    file: `${core}engine/composed-ops.ts`,
    text: 'tf.sub(tf.sub(rows, meanOfDy), xhatPart)',
    replacement: 'tf.sub(rows, xhatPart)',
    tests: ['engine/composed-ops'],
  },
  {
    name: 'a ReLU passes gradient at 0',
    file: `${core}engine/composed-ops.ts`,
    text: 'tf.mul(dy, tf.step(saved[0] as T))',
    replacement: 'tf.mul(dy, tf.step(saved[0] as T, 1))',
    tests: ['engine/composed-ops'],
  },
  {
    name: 'gradient passes what stops it',
    file: `${core}engine/stop-gradient.ts`,
    text: 'customGrad(() => ({ value: x.clone(), gradFunc: () => [] }))',
    replacement: '(() => x.clone())',
    tests: ['torch/wide-steps'],
  },
  {
    name: 'a max pool pads with zeros',
    file: `${core}nn/execute.ts`,
    text: 'const LOWEST = -3.4028234663852886e38;',
    replacement: 'const LOWEST = 0;',
    tests: ['nn/max-pool'],
  },
];
