import { isRecord, isReferencePath } from './references.js';

/** A value that a cell sets at a dotted path. */
export interface SetValue {
  readonly path: string;
  readonly value: unknown;
}

/**
 * A short label of what a cell sets: `ssql seed 1`.
 * @param cells what all cells of the matrix set
 */
export function cellLabel(settings: readonly SetValue[], cells: readonly (readonly SetValue[])[]): string {
  const paths = [...new Set(cells.flat().map(({ path }) => path))];
  return settings
    .map(({ path, value }) => {
      const written = writeValue(distinguishing(path, value, cells));
      return isReferencePath(path.replace(/\.use$/, '')) ? written : `${shortName(path, paths)} ${written}`;
    })
    .join(' ');
}

/** The plugin's name without its options, where no other cell has it with others. */
function distinguishing(path: string, value: unknown, cells: readonly (readonly SetValue[])[]): unknown {
  if (!isRecord(value) || value['use'] === undefined) return value;
  const { use } = value;
  const likes = cells.flat().filter((one) => one.path === path && nameIn(one.value) === use);
  return likes.every((one) => JSON.stringify(one.value) === JSON.stringify(value)) ? use : value;
}

function nameIn(value: unknown): unknown {
  return isRecord(value) ? value['use'] : value;
}

/** A value as one writes it on one line. */
export function writeValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(writeValue).join(',');
  if (!isRecord(value)) return String(value);
  return Object.entries(value)
    .map(([key, item]) => (key === 'use' || key === 'with' ? writeValue(item) : `${key} ${writeValue(item)}`))
    .join(' ')
    .trimEnd();
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
