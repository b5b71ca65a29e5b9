import type { Location } from '../errors.js';
import { areViews } from '../kinds/checks/method.js';
import type { ViewPositions } from '../kinds/method.js';
import { viewCountInvalid, viewsOfMethodInvalid } from './view-errors.js';

/** Global views come first and have one shape; local views follow, of any shape. */
export function positionsOf(takes: number | ViewPositions): Required<ViewPositions> {
  return typeof takes === 'number' ? { global: takes, local: 0 } : { local: 0, ...takes };
}

/**
 * The number of views of a step: those of the pipeline if it has groups of views, otherwise as many as the method takes.
 * @throws SsqlError VIEW_COUNT, METHOD_VIEWS_INVALID
 */
export function viewCount(
  method: string,
  takes: number | ViewPositions,
  written: number | undefined,
  location: (path: readonly string[]) => Location | undefined,
): number {
  if (!areViews(takes)) throw viewsOfMethodInvalid(method, location(['method']));
  const { global, local } = positionsOf(takes);
  const least = global + (local === 'any' ? 0 : local);
  if (written === undefined) return least;
  if (local === 'any' ? written < least : written !== least)
    throw viewCountInvalid(method, inWords(global, local), written, location(['views']));
  return written;
}

/** `2 views`, `2 global and 6 local views`, `at least 2 views`. */
function inWords(global: number, local: number | 'any'): string {
  if (local === 'any') return `at least ${global} view${global === 1 ? '' : 's'}`;
  if (local > 0) return `${global} global and ${local} local view${local === 1 ? '' : 's'}`;
  return `${global} view${global === 1 ? '' : 's'}`;
}
