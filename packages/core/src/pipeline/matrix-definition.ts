import { matrixInvalid } from './composition-errors.js';
import { didYouMean } from '../nearest-name.js';
import type { Path } from './locate.js';
import type { Problem } from './problem.js';
import { countValues, isRecord } from './references.js';

/** How many runs one file may declare, and how many values they may hold together. */
const MOST_CELLS = 1000;
export const MOST_VALUES = 1_000_000;

const FIXED = ['name', 'extends', 'plugins', 'matrix'];

/** Values by dotted path. */
export type Values = { readonly [path: string]: unknown };

/** What a file's `matrix` says. */
export interface Matrix {
  /** Values by dotted path; every combination is a cell. */
  readonly axes: readonly (readonly [path: string, values: readonly unknown[]])[];
  /** More cells. */
  readonly include: readonly Values[];
  /** Combinations that are left out: those that have all of an entry's values. */
  readonly exclude: readonly Values[];
}

/** Reads a `matrix`, or says what is wrong with it by itself. */
export function readMatrix({
  include = [],
  exclude = [],
  ...axes
}: Readonly<Record<string, unknown>>): [Matrix, Problem[]] {
  const found: Problem[] = [];
  const lists = Object.entries(axes).flatMap(([path, values]): [string, readonly unknown[]][] => {
    const at = ['matrix', path];
    if (!Array.isArray(values) || values.length === 0) {
      found.push(matrixProblem(at, 'value', `The matrix needs a list of values for \`${path}\`.`));
      return [];
    }
    const seen = new Set<string>();
    for (const [index, value] of values.entries()) {
      const text = JSON.stringify(value);
      if (seen.has(text))
        found.push(matrixProblem([...at, index], 'value', `The matrix has the value ${text} twice for \`${path}\`.`));
      seen.add(text);
    }
    return [[path, values]];
  });
  const entries = (key: 'include' | 'exclude', value: unknown): Values[] => {
    if (!Array.isArray(value)) {
      found.push(
        matrixProblem(['matrix', key], 'value', `\`${key}\` is a list of mappings of dotted paths to a value.`),
      );
      return [];
    }
    return value.flatMap((entry: unknown, index): Values[] => {
      if (isRecord(entry) && Object.keys(entry).length > 0) return [entry];
      const reason = `An entry of \`${key}\` is a mapping of dotted paths to a value.`;
      found.push(matrixProblem(['matrix', key, index], 'value', reason));
      return [];
    });
  };
  return [{ axes: lists, include: entries('include', include), exclude: entries('exclude', exclude) }, found];
}

/** What is wrong with a matrix for the pipeline that it varies, told before anything is unfolded. */
export function checkMatrix(matrix: Matrix, base: unknown): Problem[] {
  return [...checkPaths(matrix, base), ...checkSize(matrix, base)];
}

function checkPaths({ axes, include, exclude }: Matrix, base: unknown): Problem[] {
  const names = axes.map(([path]) => path);
  return [
    ...names.flatMap((path) => checkPath(path, ['matrix', path], base, names)),
    ...include.flatMap((entry, index) =>
      Object.keys(entry).flatMap((path) =>
        checkPath(path, ['matrix', 'include', index, path], base, Object.keys(entry)),
      ),
    ),
    ...exclude.flatMap((entry, index) =>
      Object.keys(entry)
        .filter((path) => !names.includes(path))
        .map((path) =>
          matrixProblem(
            ['matrix', 'exclude', index, path],
            'key',
            `The matrix has no list of values for \`${path}\`, of which one could be left out.`,
            didYouMean(path, names),
          ),
        ),
    ),
  ];
}

function checkPath(path: string, at: Path, base: unknown, together: readonly string[]): Problem[] {
  if (FIXED.includes(path.split('.')[0] ?? ''))
    return [matrixProblem(at, 'key', `The matrix cannot change \`${path}\`.`)];
  // What another path of the cell sets may hold anything; validation sees it.
  if (together.some((other) => path.startsWith(`${other}.`))) return [];
  const [parent, key, known] = parentOf(base, path);
  const listed = Array.isArray(parent) && !Object.hasOwn(parent, key);
  if (parent !== undefined && !listed) return [];
  const missing = `The matrix sets \`${path}\`, but the pipeline has no \`${key}\` there.`;
  return [matrixProblem(at, 'key', missing, didYouMean(key, known))];
}

function checkSize({ axes, include }: Matrix, base: unknown): Problem[] {
  const cells = axes.reduce((product, [, values]) => product * values.length, axes.length > 0 ? 1 : 0) + include.length;
  if (cells > MOST_CELLS)
    return [matrixProblem(['matrix'], 'key', `The matrix has ${cells} cells; at most ${MOST_CELLS} are run.`)];
  const values = cells * countValues(base);
  if (values <= MOST_VALUES) return [];
  return [matrixProblem(['matrix'], 'key', `The matrix unfolds to ${values} values; at most ${MOST_VALUES} are read.`)];
}

/** The mapping or list that a dotted path sets a key of; else the key that is missing and those that are there. */
export function parentOf(
  document: unknown,
  path: string,
): [parent: Record<string, unknown> | undefined, key: string, known: string[]] {
  const segments = path.split('.');
  const last = segments.pop() ?? '';
  let parent: unknown = document;
  for (const segment of segments) {
    const keys = typeof parent === 'object' && parent !== null ? Object.keys(parent) : [];
    if (!keys.includes(segment)) return [undefined, segment, keys];
    parent = (parent as Record<string, unknown>)[segment];
  }
  // Lists and mappings are both written by key.
  if (typeof parent === 'object' && parent !== null)
    return [parent as Record<string, unknown>, last, Object.keys(parent)];
  return [undefined, last, []];
}

export function matrixProblem(path: Path, at: 'key' | 'value', reason: string, hint?: string): Problem {
  return { path, at, error: (location) => matrixInvalid(reason, location, hint) };
}
