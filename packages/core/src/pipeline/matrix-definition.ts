import { matrixInvalid } from './composition-errors.js';
import { didYouMean } from '../nearest-name.js';
import { splitPath } from './dotted-path.js';
import type { Path } from './locate.js';
import type { Problem } from './problem.js';
import { countValues, isRecord } from './references.js';

/** The largest number of runs of a file, and of values in all runs in total. */
const MOST_CELLS = 1000;
export const MOST_VALUES = 1_000_000;

const FIXED = ['name', 'extends', 'plugins', 'matrix'];

/** Values by dotted path. */
export type Values = { readonly [path: string]: unknown };

/** The `matrix` of a file. */
export interface Matrix {
  /** Lists of values by dotted path; each combination is a cell. */
  readonly axes: readonly (readonly [path: string, values: readonly unknown[]])[];
  /** Additional cells. */
  readonly include: readonly Values[];
  /** Excluded combinations: those that have all values of an entry. */
  readonly exclude: readonly Values[];
}

/** Reads a `matrix`, and reports problems that do not depend on the rest of the pipeline. */
export function readMatrix({
  include = [],
  exclude = [],
  ...axes
}: Readonly<Record<string, unknown>>): [Matrix, Problem[]] {
  const problems: Problem[] = [];
  const lists = Object.entries(axes).flatMap(([path, values]): [string, readonly unknown[]][] => {
    const at = ['matrix', path];
    if (!Array.isArray(values) || values.length === 0) {
      const hint = values === null ? `\`--set '~matrix.${path}'\` takes an axis away.` : undefined;
      problems.push(matrixProblem(at, 'value', `The matrix needs a list of values for \`${path}\`.`, hint));
      return [];
    }
    const seen = new Set<string>();
    for (const [index, value] of values.entries()) {
      const text = JSON.stringify(value);
      if (seen.has(text))
        problems.push(
          matrixProblem([...at, index], 'value', `The matrix lists the value ${text} twice for \`${path}\`.`),
        );
      seen.add(text);
    }
    return [[path, values]];
  });
  const entries = (key: 'include' | 'exclude', value: unknown): Values[] => {
    if (!Array.isArray(value)) {
      problems.push(
        matrixProblem(
          ['matrix', key],
          'value',
          `Expected a list at \`matrix.${key}\`, each item a mapping of dotted paths to values.`,
        ),
      );
      return [];
    }
    return value.flatMap((entry: unknown, index): Values[] => {
      if (isRecord(entry) && Object.keys(entry).length > 0) return [entry];
      const reason = `Expected a mapping of dotted paths to values in \`matrix.${key}\`.`;
      problems.push(matrixProblem(['matrix', key, index], 'value', reason));
      return [];
    });
  };
  return [{ axes: lists, include: entries('include', include), exclude: entries('exclude', exclude) }, problems];
}

/** Problems of a matrix for its pipeline, found before the matrix is expanded. */
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
            `\`exclude\` names \`${path}\`, but the matrix has no list of values for it.`,
            didYouMean(path, names),
          ),
        ),
    ),
  ];
}

function checkPath(path: string, at: Path, base: unknown, siblings: readonly string[]): Problem[] {
  if (FIXED.includes(path.split('.')[0] ?? ''))
    return [matrixProblem(at, 'key', `The matrix cannot change \`${path}\`.`)];
  if (path.split('.').includes('__proto__'))
    return [matrixProblem(at, 'key', '`__proto__` is not a key of a pipeline.')];
  // A value that another path of the cell sets may have any keys; validation checks them.
  if (siblings.some((other) => path.startsWith(`${other}.`))) return [];
  const [parent, key, known] = parentOf(base, path);
  const listed = Array.isArray(parent) && !Object.hasOwn(parent, key);
  if (parent !== undefined && !listed) return [];
  const missing = `The matrix sets \`${path}\`, but the pipeline has no \`${key}\` there.`;
  return [matrixProblem(at, 'key', missing, didYouMean(key, known))];
}

function checkSize({ axes, include }: Matrix, base: unknown): Problem[] {
  const cells = axes.reduce((product, [, values]) => product * values.length, axes.length > 0 ? 1 : 0) + include.length;
  if (cells > MOST_CELLS)
    return [matrixProblem(['matrix'], 'key', `The matrix has ${cells} cells; the limit is ${MOST_CELLS}.`)];
  const values = cells * countValues(base);
  if (values <= MOST_VALUES) return [];
  return [matrixProblem(['matrix'], 'key', `The matrix expands to ${values} values; the limit is ${MOST_VALUES}.`)];
}

/** The mapping or list in which a dotted path sets a key; if it does not exist, the missing key and the known keys. */
export function parentOf(
  document: unknown,
  path: string,
): [parent: Record<string, unknown> | undefined, key: string, known: string[]] {
  const segments = splitPath(document, path).map(String);
  const last = segments.pop() ?? '';
  let parent: unknown = document;
  for (const segment of segments) {
    const keys = typeof parent === 'object' && parent !== null ? Object.keys(parent) : [];
    if (!keys.includes(segment)) return [undefined, segment, keys];
    parent = (parent as Record<string, unknown>)[segment];
  }
  // Keys index lists and mappings alike.
  if (typeof parent === 'object' && parent !== null)
    return [parent as Record<string, unknown>, last, Object.keys(parent)];
  return [undefined, last, []];
}

export function matrixProblem(path: Path, at: 'key' | 'value', reason: string, hint?: string): Problem {
  return { path, at, error: (location) => matrixInvalid(reason, location, hint) };
}
