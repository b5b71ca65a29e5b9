import type { Location } from '../errors.js';
import type { ExtendedSource } from './extend.js';
import { isInterpolated } from './interpolate.js';
import type { Path } from './locate.js';
import type { Cell } from './matrix.js';
import type { Settings } from './override.js';
import type { Pipeline } from './pipeline.js';
import type { Registry } from '../plugin/registry.js';
import { isRecord, slots } from './references.js';

/** The origin of a value of a resolved pipeline. */
export type Origin =
  /** Written by the user; `expression` is the written text if it refers to other values. */
  | { readonly from: 'file' | 'matrix'; readonly location: Location; readonly expression?: string }
  | { readonly from: 'command line'; readonly location: Location; readonly argument: string }
  /** A default of the pipeline, or of the plugin `of`. */
  | { readonly from: 'default'; readonly of?: string };

/** `pipeline.yaml:12`, `--set seed=2`, `default of uniform`. */
export function formatOrigin(origin: Origin): string {
  switch (origin.from) {
    case 'default':
      return origin.of === undefined ? 'default' : `default of ${origin.of}`;
    case 'command line':
      return `--set ${origin.argument}`;
    case 'file':
    case 'matrix': {
      const { from, location, expression } = origin;
      return `${location.file}:${location.line}${from === 'matrix' ? ' (matrix)' : ''}${expression ? ` ${expression}` : ''}`;
    }
  }
}

/** The written values of a pipeline, in files and on the command line. */
export interface Written extends ExtendedSource, Pick<Settings, 'setBy' | 'removedBy'> {}

/** The origin of a value of a cell. */
export function originOf(source: Written, cell: Cell, pipeline: Pipeline, registry: Registry, path: Path): Origin {
  const at = cell.origin(path);
  const from = at[0] === 'matrix' ? 'matrix' : 'file';
  const setBy = source.setBy(at);
  if (setBy) return { from: 'command line', ...setBy };
  const written = source.written(at);
  if (written) {
    const { value } = written;
    return { from, location: source.location(at), ...(isInterpolated(value) ? { expression: value } : {}) };
  }
  // A plugin's name as short form of `use`, or an expression that became a mapping.
  for (let length = at.length - 1; length > 0; length--) {
    const above = source.written(at.slice(0, length))?.value;
    if (isInterpolated(above)) return { from, location: source.location(at.slice(0, length)), expression: above };
    if (typeof above === 'string' && at[length] === 'use')
      return { from, location: source.location(at.slice(0, length)) };
  }
  const reference = path.slice(0, path.lastIndexOf('with'));
  const owner = slots(pipeline, registry).find((slot) => slot.path.join('.') === reference.join('.'));
  const chosen = owner && (source.written(cell.origin(reference)) ?? source.setBy(cell.origin(reference)));
  return chosen && isRecord(owner.value) ? { from: 'default', of: String(owner.value['use']) } : { from: 'default' };
}
