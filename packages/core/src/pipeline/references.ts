import { ANY_NAME, kindEntry, PLACES, type Kind } from '../kinds/kinds.js';
import type { AnyPlugin } from '../plugin/contract.js';
import type { Registry } from '../plugin/registry.js';
import type { Path } from './locate.js';
import { nestedReferences } from './nested-references.js';
import { PIPELINE_KEYS } from './pipeline-schema.js';

/** A position in a pipeline for a plugin reference, in whatever form it is written, valid or not. */
export interface Slot {
  readonly kind: Kind;
  readonly path: Path;
  readonly value: unknown;
  replace(value: unknown): void;
}

/**
 * All plugin references in a document; those of kinds that plugins add come last. With a registry also the references within the options
 * of plugins, each after its plugin.
 */
export function slots(document: unknown, registry?: Registry): Slot[] {
  const written = topSlots(document);
  return registry === undefined ? written : written.flatMap((slot) => [slot, ...slotsWithin(slot, registry)]);
}

/** The references within the options of a plugin, at any depth. */
export function slotsWithin(slot: Slot, registry: Registry): Slot[] {
  return slotsIn(slot, registry).flatMap((inner) => [inner, ...slotsWithin(inner, registry)]);
}

/** The references in the options of a plugin. */
export function slotsIn({ kind, path, value }: Slot, registry: Registry): Slot[] {
  const plugin = isRecord(value) ? registry.get(kind, String(value['use'])) : undefined;
  if (plugin === undefined || !isRecord(value)) return [];
  return nestedReferences(plugin.options, value['with'], [...path, 'with']);
}

function topSlots(document: unknown): Slot[] {
  const opened = isRecord(document) ? Object.keys(document).filter(isOpenKey) : [];
  return [...PLACES, ...opened.map((key) => ({ path: key, kind: key as Kind }))].flatMap(({ path, kind }) =>
    find(document, path.split('.'), []).map((slot) => ({ ...slot, kind })),
  );
}

/** Whether a path of a pipeline is that of a plugin: `stages.0`, `quantization.wrap`, `teacher`. */
export function isReferencePath(path: string): boolean {
  const segments = path.split('.');
  const fits = (pattern: string, segment: string | undefined): boolean =>
    pattern === '*' ? /^\d+$/.test(segment ?? '') : pattern === ANY_NAME || pattern === segment;
  const isPlace = (place: readonly string[]): boolean =>
    place.length === segments.length && place.every((pattern, index) => fits(pattern, segments[index]));
  return PLACES.some((place) => isPlace(place.path.split('.'))) || isOpenKey(path);
}

/** Whether a top-level key is free for a kind that plugins add: it is neither a key of pipelines nor a built-in kind. */
export function isOpenKey(key: string): boolean {
  return !key.includes('.') && !PIPELINE_KEYS.includes(key) && kindEntry(key) === undefined;
}

/** The kinds of a registry that plugins add. Each has a top-level slot of its name. */
export function openedKinds(registry: Registry): readonly Kind[] {
  return [...new Set(registry.list().map(({ kind }) => kind))].filter(isOpenKey);
}

/** Plugins whose kind has the name of another key of pipelines, so that it cannot have a slot. */
export function misnamedKinds(registry: Registry): readonly AnyPlugin[] {
  return registry.list().filter(({ kind }) => PIPELINE_KEYS.includes(kind) && kindEntry(kind) === undefined);
}

/** Expands names in place: `name` becomes `{ use: name, with: {} }`. Expressions remain, because they may become mappings. */
export function expandNames(document: unknown, registry?: Registry): void {
  for (const slot of topSlots(document)) {
    const expanded = expandName(slot);
    if (registry) expandNamesIn(expanded, registry);
  }
}

/** Expands the names within the options of a plugin, in place. */
export function expandNamesIn(slot: Slot, registry: Registry): void {
  for (const inner of slotsIn(slot, registry)) expandNamesIn(expandName(inner), registry);
}

function expandName(slot: Slot): Slot {
  const { value, replace } = slot;
  if (typeof value === 'string' && !value.includes('${')) {
    const reference = { use: value, with: {} };
    replace(reference);
    return { ...slot, value: reference };
  }
  if (isRecord(value) && value['with'] === undefined && typeof value['use'] === 'string') value['with'] = {};
  return slot;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The number of values within a value, including itself. */
export function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + countValues(item), 1);
}

function find(parent: unknown, [segment, ...rest]: readonly string[], path: Path): Omit<Slot, 'kind'>[] {
  if (segment === undefined || typeof parent !== 'object' || parent === null) return [];
  const fits = Array.isArray(parent) === (segment === '*');
  // Keys index lists and mappings alike.
  const holder = parent as Record<string, unknown>;
  const isAny = segment === '*' || segment === ANY_NAME;
  const keys = !fits ? [] : isAny ? Object.keys(holder) : Object.hasOwn(holder, segment) ? [segment] : [];
  return keys.flatMap((key) => {
    const here = [...path, segment === '*' ? Number(key) : key];
    if (rest.length > 0) return find(holder[key], rest, here);
    const replace = (value: unknown) => void (holder[key] = value);
    return [{ path: here, value: holder[key], replace }];
  });
}
