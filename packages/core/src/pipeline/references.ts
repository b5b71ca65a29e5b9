import { kindEntry, PLACES, type Kind } from '../kinds/kinds.js';
import type { AnyPlugin } from '../plugin/contract.js';
import type { Registry } from '../plugin/registry.js';
import type { Path } from './locate.js';
import { PIPELINE_KEYS } from './pipeline-schema.js';

/** A position in a pipeline that holds a plugin reference, written in any way, also wrongly. */
export interface Slot {
  readonly kind: Kind;
  readonly path: Path;
  readonly value: unknown;
  replace(value: unknown): void;
}

/** All positions of plugin references that are present in a document; those of kinds that plugins open come last. */
export function slots(document: unknown): Slot[] {
  const opened = isRecord(document) ? Object.keys(document).filter(isOpenKey) : [];
  return [...PLACES, ...opened.map((key) => ({ path: key, kind: key as Kind }))].flatMap(({ path, kind }) =>
    find(document, path.split('.'), []).map((slot) => ({ ...slot, kind })),
  );
}

/** Whether a plugin may stand at a place of a pipeline: `stages.0`, `quantization.wrap`, `teacher`. */
export function isReferencePath(path: string): boolean {
  const general = path.replaceAll(/\.\d+(?=\.|$)/g, '.*');
  return PLACES.some((place) => place.path === general) || isOpenKey(path);
}

/** Whether a key at the top of a pipeline is left to a kind that plugins open: the pipeline has it not, nor a place for that kind. */
export function isOpenKey(key: string): boolean {
  return !key.includes('.') && !PIPELINE_KEYS.includes(key) && kindEntry(key) === undefined;
}

/** The kinds of a registry that core does not know: each has the slot of its name at the top of a pipeline. */
export function openedKinds(registry: Registry): readonly Kind[] {
  return [...new Set(registry.list().map(({ kind }) => kind))].filter(isOpenKey);
}

/** Kinds of a registry that can have no slot: a pipeline uses their names for something else. */
export function misnamedKinds(registry: Registry): readonly AnyPlugin[] {
  return registry.list().filter(({ kind }) => PIPELINE_KEYS.includes(kind) && kindEntry(kind) === undefined);
}

/** Writes names out, in place: `minmax` becomes `{ use: minmax, with: {} }`. An expression may yet become a mapping: it stays. */
export function expandNames(document: unknown): void {
  for (const { value, replace } of slots(document)) {
    if (typeof value === 'string' && !value.includes('${')) replace({ use: value, with: {} });
    else if (isRecord(value) && value['with'] === undefined && typeof value['use'] === 'string') value['with'] = {};
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How many values a value holds, itself included. */
export function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + countValues(item), 1);
}

function find(parent: unknown, [segment, ...rest]: readonly string[], path: Path): Omit<Slot, 'kind'>[] {
  if (segment === undefined || typeof parent !== 'object' || parent === null) return [];
  const fits = Array.isArray(parent) === (segment === '*');
  // Lists and mappings are both read by key.
  const holder = parent as Record<string, unknown>;
  const keys = !fits ? [] : segment === '*' ? Object.keys(holder) : Object.hasOwn(holder, segment) ? [segment] : [];
  return keys.flatMap((key) => {
    const here = [...path, segment === '*' ? Number(key) : key];
    if (rest.length > 0) return find(holder[key], rest, here);
    const replace = (value: unknown) => void (holder[key] = value);
    return [{ path: here, value: holder[key], replace }];
  });
}
