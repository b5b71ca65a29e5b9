import { matrixInvalid } from '../errors.js';
import { nearestName } from '../nearest-name.js';
import type { Path } from './locate.js';
import { copy } from './parse.js';
import type { Problem } from './problem.js';
import { expandNames, isRecord, REFERENCES } from './references.js';

const MOST_CELLS = 1000;
const FIXED = ['name', 'plugins', 'matrix'];

/** One combination of a matrix. */
export interface Cell {
  /** Values by dotted path. */
  readonly values: { readonly [path: string]: unknown };
  /** Short and different for each cell: `ssql seed 1`. Empty without a matrix. */
  readonly label: string;
  readonly document: unknown;
  /** Where a value of the document is written in the file: in the matrix, if the cell set it. */
  origin(path: Path): Path;
}

/**
 * Takes `matrix` out of a document and makes a document of each combination of its values, in order, the last path varying fastest.
 * The document's names and defaults are filled in, so that every path that means something has a parent.
 */
export function expandMatrix(document: unknown): {
  readonly cells: readonly Cell[];
  readonly problems: readonly Problem[];
} {
  if (!isRecord(document) || document['matrix'] === undefined) {
    return { cells: [{ values: {}, label: '', document, origin: (path) => path }], problems: [] };
  }
  const { matrix, ...base } = document;
  const problems = check(matrix, base);
  if (problems.length > 0) return { cells: [], problems };
  // `check` has seen that it is a mapping of lists.
  const axes = Object.entries(matrix as Record<string, readonly unknown[]>);
  let choices: number[][] = [[]];
  for (const [, values] of axes) choices = choices.flatMap((choice) => values.map((_, index) => [...choice, index]));
  return { cells: choices.map((choice) => makeCell(base, axes, choice)), problems: [] };
}

function makeCell(base: unknown, axes: readonly [string, readonly unknown[]][], choice: readonly number[]): Cell {
  const chosen = axes.map(([path, values], axis) => {
    const index = choice[axis] ?? 0;
    return { path, index, value: values[index] };
  });
  const document = copy(base);
  // A plugin before its options, whichever is written first.
  for (const { path, value } of chosen.toSorted((a, b) => depth(a.path) - depth(b.path))) {
    const [parent, key] = parentOf(document, path);
    if (parent !== undefined) parent[key] = copy(value);
    expandNames(document);
  }
  const names = chosen.map(({ path }) =>
    shortName(
      path,
      axes.map(([other]) => other),
    ),
  );
  return {
    values: Object.fromEntries(chosen.map(({ path, value }) => [path, value])),
    label: chosen
      .map(({ path, value }, index) => (isReference(path) ? write(value) : `${names[index]} ${write(value)}`))
      .join(' '),
    document,
    origin(path) {
      const here = path.join('.');
      const setting = chosen
        .filter((one) => here === one.path || here.startsWith(`${one.path}.`))
        .toSorted((a, b) => depth(b.path) - depth(a.path))[0];
      return setting === undefined ? path : ['matrix', setting.path, setting.index, ...path.slice(depth(setting.path))];
    },
  };
}

function check(matrix: unknown, base: unknown): Problem[] {
  if (!isRecord(matrix))
    return [problem(['matrix'], 'value', 'The matrix is a mapping of dotted paths to lists of values.')];
  const found = Object.entries(matrix).flatMap(([path, values]): Problem[] => {
    const at = ['matrix', path];
    if (!Array.isArray(values) || values.length === 0)
      return [problem(at, 'value', `The matrix needs a list of values for \`${path}\`.`)];
    const texts = values.map((value) => JSON.stringify(value));
    const twice = texts.findIndex((text, index) => texts.indexOf(text) !== index);
    if (twice >= 0)
      return [problem([...at, twice], 'value', `The matrix has the value ${texts[twice]} twice for \`${path}\`.`)];
    if (FIXED.includes(path.split('.')[0] ?? '')) return [problem(at, 'key', `The matrix cannot change \`${path}\`.`)];
    return checkParent(path, base, Object.keys(matrix));
  });
  const cells = Object.values(matrix).reduce<number>(
    (product, values) => product * (Array.isArray(values) ? values.length : 1),
    1,
  );
  if (cells > MOST_CELLS)
    found.push(problem(['matrix'], 'key', `The matrix has ${cells} cells; at most ${MOST_CELLS} are run.`));
  return found;
}

function checkParent(path: string, base: unknown, axes: readonly string[]): Problem[] {
  // What another path of the matrix sets may hold anything; validation sees it.
  if (axes.some((axis) => path.startsWith(`${axis}.`))) return [];
  const [parent, key, known] = parentOf(base, path);
  const listed = Array.isArray(parent) && !Object.hasOwn(parent, key);
  if (parent !== undefined && !listed) return [];
  const nearest = nearestName(key, known);
  const missing = `The matrix sets \`${path}\`, but the pipeline has no \`${key}\` there.`;
  return [
    problem(['matrix', path], 'key', missing, nearest === undefined ? undefined : `Did you mean \`${nearest}\`?`),
  ];
}

/** The mapping or list that a dotted path sets a key of; else the key that is missing and those that are there. */
function parentOf(
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

function isReference(path: string): boolean {
  const general = path.replace(/\.\d+$/, '.*');
  return REFERENCES.some(([one]) => one === general || `${one}.use` === general);
}

/** The shortest ending of a path that no other path of the matrix has. */
function shortName(path: string, all: readonly string[]): string {
  const segments = path.split('.');
  for (let length = 1; length < segments.length; length++) {
    const ending = segments.slice(-length).join('.');
    if (all.every((other) => other === path || !`.${other}`.endsWith(`.${ending}`))) return ending;
  }
  return path;
}

function write(value: unknown): string {
  if (Array.isArray(value)) return value.map(write).join(',');
  if (!isRecord(value)) return String(value);
  return Object.entries(value)
    .map(([key, item]) => (key === 'use' || key === 'with' ? write(item) : `${key} ${write(item)}`))
    .join(' ')
    .trimEnd();
}

function depth(path: string): number {
  return path.split('.').length;
}

function problem(path: Path, at: 'key' | 'value', reason: string, hint?: string): Problem {
  return { path, at, error: (place) => matrixInvalid(reason, place, hint) };
}
