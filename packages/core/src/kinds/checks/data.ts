import type { Dataset, Split, WholeImages } from '../data.js';
import { checksOf, problem, type AnyChecks, type Problem } from './checks.js';
import { isCount, isRecord, isShape, shown, sizeOf } from '../../values.js';

export const dataChecks = checksOf<Dataset>({
  value({ shape, classes, fingerprint, splits = {}, notes = [] }) {
    if (!isTexts(notes)) return problem(`\`notes\` ${shown(notes)}`, 'a list of texts');
    if (!isRecord(splits)) return problem(`\`splits\` ${shown(splits)}`, 'splits by name');
    if (!isShape(shape, 3)) return problem(`\`shape\` [${String(shape)}]`, 'height, width and channels');
    const names: unknown = classes;
    if (!Array.isArray(names)) return problem(`\`classes\` ${shown(names)}`, 'a list of names');
    const unnamed = names.findIndex((name) => typeof name !== 'string');
    if (unnamed >= 0) return problem(`\`classes[${unnamed}]\` ${shown(names[unnamed])}`, 'a name');
    if (fingerprint === '') return problem('an empty `fingerprint`', 'a hash of its bytes');
    const taken = ['train', 'test'].find((name) => Object.hasOwn(splits, name));
    if (taken !== undefined) return problem(`a split \`${taken}\` in \`splits\``, 'other names there');
    return undefined;
  },
  parts({ shape, classes }) {
    const each = split(shape, classes.length);
    return { train: each, test: each, splits: { each } };
  },
});

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** A split of images of a shape. */
function split(shape: readonly number[], classes: number): AnyChecks {
  return checksOf<Split>({
    members: { size: 'number', read: 'function' },
    optional: { readWhole: 'function', originalSizes: 'function' },
    value({ size, labels, leftOut = [] }) {
      if (!isTexts(leftOut)) return problem(`\`leftOut\` ${shown(leftOut)}`, 'a list of texts');
      if (!isCount(size, 0)) return problem(`\`size\` ${shown(size)}`, 'a whole number');
      if (labels === undefined) return undefined;
      if (!(labels instanceof Uint8Array || labels instanceof Uint16Array))
        return problem(`\`labels\` ${shown(labels)}`, 'a Uint8Array or a Uint16Array');
      if (labels.length !== size) return problem(`${labels.length} labels`, `${size}, its \`size\``);
      // Images without classes have the label 0.
      const beyond = labels.find((label) => label >= Math.max(1, classes));
      if (beyond !== undefined) return problem(`the label ${beyond}`, `labels below ${classes}, the number of classes`);
      return undefined;
    },
    asynchronous: ['read', 'readWhole', 'originalSizes'],
    returns: {
      read: (result, [indexes]) => notImages(result, indexes.length, shape),
      readWhole(result, [indexes]) {
        const { pixels, sizes } = Object(result) as Partial<WholeImages>;
        const wrong = notImages(pixels, indexes.length, shape);
        if (wrong !== undefined) return problem(`\`pixels\` ${wrong.actual}`, wrong.expected);
        const meaning = `heights and widths of ${indexes.length} images in a Uint16Array, from 1 to ${shape.slice(0, 2).join('x')}`;
        if (!(sizes instanceof Uint16Array) || sizes.length !== 2 * indexes.length)
          return problem(`\`sizes\` ${shown(sizes)}`, meaning);
        const beyond = sizes.find((length, index) => length < 1 || length > shape[index % 2]!);
        return beyond === undefined ? undefined : problem(`a size of ${beyond}`, meaning);
      },
      originalSizes: (result, [indexes]) =>
        result instanceof Uint32Array && result.length === 2 * indexes.length
          ? undefined
          : problem(shown(result), `heights and widths of ${indexes.length} images in a Uint32Array`),
    },
  });
}

function notImages(result: unknown, count: number, shape: readonly number[]): Problem | undefined {
  const expected = count * sizeOf(shape);
  const meaning = `${expected} bytes in a Uint8Array (${count} images [${shape.join()}])`;
  if (!(result instanceof Uint8Array || result instanceof Uint8ClampedArray)) return problem(shown(result), meaning);
  if (result.length !== expected) return problem(`${result.length} bytes`, meaning);
  // The next batch is read before this one is used.
  return isFirst(result) ? undefined : problem('an array that it returned before', 'a new array for each call');
}

/** The places in memory of all arrays that were read and still exist. */
const places = new WeakMap<ArrayBufferLike, Set<number>>();

/** Whether no earlier array begins where this one does. */
function isFirst({ buffer, byteOffset, length }: Uint8Array | Uint8ClampedArray): boolean {
  const taken = places.get(buffer) ?? new Set();
  const first = length === 0 || !taken.has(byteOffset);
  places.set(buffer, taken.add(byteOffset));
  return first;
}
