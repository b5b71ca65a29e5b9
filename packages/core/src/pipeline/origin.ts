import type { Place } from '../errors.js';

/** Where a value of a resolved pipeline comes from. */
export type Origin =
  /** Somebody wrote it; `expression` is what they wrote, where that refers to other values. */
  | { readonly from: 'file' | 'matrix'; readonly place: Place; readonly expression?: string }
  | { readonly from: 'command line'; readonly place: Place; readonly argument: string }
  /** Nobody wrote it: a default of the pipeline, or of the plugin `of`. */
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
      const { from, place, expression } = origin;
      return `${place.file}:${place.line}${from === 'matrix' ? ' (matrix)' : ''}${expression ? ` ${expression}` : ''}`;
    }
  }
}
