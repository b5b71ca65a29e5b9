import type { Setting } from './matrix.js';
import { isRecord, isReferencePath } from './references.js';

/**
 * A short label of what a cell sets: `ssql seed 1`.
 * @param paths all that the cells of the matrix set
 */
export function cellLabel(settings: readonly Setting[], paths: readonly string[]): string {
  return settings
    .map(({ path, value }) =>
      isReferencePath(path.replace(/\.use$/, ''))
        ? writeValue(value)
        : `${shortName(path, paths)} ${writeValue(value)}`,
    )
    .join(' ');
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
