import { runLabel, writeValue, type RunLabel, type SetValue, type TitleOf } from './run-label.js';
import { splitPath } from './dotted-path.js';
import type { Path } from './locate.js';
import { checkMatrix, matrixProblem, parentOf, readMatrix, type Matrix, type Values } from './matrix-definition.js';
import { copy } from './parse.js';
import type { Problem } from './problem.js';
import { expandNames, isRecord } from './references.js';

/** One combination of a matrix. */
export interface Cell extends RunLabel {
  /** Values by dotted path. */
  readonly values: Values;
  readonly document: unknown;
  readonly settings: readonly Setting[];
  /** The path of a value, or of its key, in the file: within the matrix, if the cell sets it. */
  origin(path: Path, at?: 'key' | 'value'): Path;
}

/** A value that a cell sets, and its path in the matrix. */
export interface Setting extends SetValue {
  readonly at: Path;
}

/**
 * Removes `matrix` from a document and makes a document for each combination of its values: in order, with the last path varying fastest,
 * without excluded combinations, followed by those of `include`. The names and defaults of the document must be filled in, so that the
 * parent of each valid path exists.
 */
export function expandMatrix(
  document: unknown,
  titleOf: TitleOf = (_kind, name) => name,
): {
  readonly cells: readonly Cell[];
  readonly problems: readonly Problem[];
} {
  if (!isRecord(document) || document['matrix'] === undefined) {
    return {
      cells: [{ values: {}, ...runLabel([], [], document, titleOf), document, settings: [], origin: (path) => path }],
      problems: [],
    };
  }
  const { matrix: written, ...base } = document;
  if (!isRecord(written))
    return failed([
      matrixProblem(
        ['matrix'],
        'value',
        'Expected a mapping of dotted paths to lists of values at `matrix`.',
        written === null ? "`--set '~matrix'` takes the matrix away." : undefined,
      ),
    ]);
  const [matrix, malformed] = readMatrix(written);
  const problems = [...malformed, ...checkMatrix(matrix, base)];
  if (problems.length > 0) return failed(problems);
  const choices = combinations(matrix);
  const settings = [
    ...choices.filter((choice) => !matrix.exclude.some((entry) => matches(choice, entry))),
    ...matrix.include.map((entry, index) =>
      Object.entries(entry).map(([path, value]) => ({ path, value, at: ['matrix', 'include', index, path] })),
    ),
  ];
  const late = [...checkExclusions(matrix, choices), ...checkCells(settings)];
  if (late.length > 0) return failed(late);
  return { cells: settings.map((chosen) => makeCell(base, chosen, settings, titleOf)), problems: [] };
}

function failed(problems: readonly Problem[]): {
  readonly cells: readonly Cell[];
  readonly problems: readonly Problem[];
} {
  return { cells: [], problems };
}

function combinations({ axes }: Matrix): Setting[][] {
  if (axes.length === 0) return [];
  let choices: Setting[][] = [[]];
  for (const [path, values] of axes)
    choices = choices.flatMap((choice) =>
      values.map((value, index) => [...choice, { path, value, at: ['matrix', path, index] }]),
    );
  return choices;
}

function matches(choice: readonly Setting[], entry: Values): boolean {
  return Object.entries(entry).every(([path, value]) =>
    choice.some((setting) => setting.path === path && JSON.stringify(setting.value) === JSON.stringify(value)),
  );
}

function makeCell(
  base: unknown,
  settings: readonly Setting[],
  cells: readonly (readonly Setting[])[],
  titleOf: TitleOf,
): Cell {
  const document = copy(base);
  // Set a plugin before its options, in whichever order they are written.
  for (const { path, value } of settings.toSorted((a, b) => depth(a.path) - depth(b.path))) {
    const [parent, key] = parentOf(document, path);
    if (parent !== undefined) parent[key] = copy(value);
    expandNames(document);
  }
  return {
    values: Object.fromEntries(settings.map(({ path, value }) => [path, value])),
    ...runLabel(settings, cells, document, titleOf),
    document,
    settings,
    origin(path, at = 'value') {
      const here = path.join('.');
      const setting = settings
        .filter((candidate) => here === candidate.path || here.startsWith(`${candidate.path}.`))
        .toSorted((a, b) => depth(b.path) - depth(a.path))[0];
      // The key that all values of a list share.
      if (at === 'key' && setting?.path === here && setting.at.length === 3) return setting.at.slice(0, 2);
      return setting === undefined ? path : [...setting.at, ...path.slice(splitPath(document, setting.path).length)];
    },
  };
}

function checkExclusions({ exclude }: Matrix, choices: readonly (readonly Setting[])[]): Problem[] {
  return exclude.flatMap((entry, index) => {
    if (choices.some((choice) => matches(choice, entry))) return [];
    const values = Object.entries(entry).map(([path, value]) => `${path} ${writeValue(value)}`);
    return [
      matrixProblem(
        ['matrix', 'exclude', index],
        'value',
        `The matrix has no combination with ${values.join(' and ')}.`,
      ),
    ];
  });
}

function checkCells(cells: readonly (readonly Setting[])[]): Problem[] {
  if (cells.length === 0) return [matrixProblem(['matrix'], 'key', 'The matrix excludes every run.')];
  const texts = cells.map((settings) =>
    JSON.stringify(
      settings.map(({ path, value }) => [path, value]).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    ),
  );
  return cells.flatMap((settings, index) => {
    if (texts.indexOf(texts[index]!) === index) return [];
    return [matrixProblem(settings[0]!.at.slice(0, 3), 'value', 'The matrix contains this run already.')];
  });
}

/** The problems of cells that are the same once names, defaults and expressions are resolved: each would be run twice. */
export function checkRepeated(cells: readonly Cell[]): Problem[] {
  const earlier = new Map<string, Cell>();
  const repeated = cells.flatMap((cell) => {
    const text = JSON.stringify(cell.document, sorted);
    const same = earlier.get(text);
    earlier.set(text, same ?? cell);
    if (same === undefined) return [];
    const reason = `The runs \`${same.label}\` and \`${cell.label}\` are the same.`;
    const places = new Set(same.settings.map(({ at }) => at.join()));
    const differing = cell.settings.find(({ at }) => !places.has(at.join())) ?? cell.settings[0];
    return [
      matrixProblem(
        differing?.at.slice(0, 3) ?? [],
        'value',
        reason,
        'They are only written differently. Remove one of them.',
      ),
    ];
  });
  // Of the runs that one value repeats, the first is enough.
  return [...new Map(repeated.toReversed().map((each) => [each.path.join(), each])).values()].toReversed();
}

/** A replacer that sorts keys, except of pins: the last one that matches counts. */
function sorted(key: string, value: unknown): unknown {
  if (!isRecord(value)) return value;
  const entries = Object.entries(value);
  return key === 'pins' ? entries : Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function depth(path: string): number {
  return path.split('.').length;
}
