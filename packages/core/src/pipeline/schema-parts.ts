import type { PlacePath } from '../kinds/kinds.js';
import type { Typed } from '../plugin/options.js';

/** A plugin and its options. In YAML, a plain name is the short form of `{ use: name }`. */
export interface Reference {
  readonly use: string;
  /** Options, with the plugin's defaults filled in. */
  readonly with: { readonly [option: string]: unknown };
}

export const TEXTS = { type: 'array', items: { type: 'string', minLength: 1 } } as const;
export const SPLIT = { type: 'string', minLength: 1 } as const;
/** More than this is a slip of the pen: a billion epochs, images or pixels. */
export const MOST = 1_000_000_000;
export const COUNT = { type: 'integer', minimum: 1, maximum: MOST } as const;

/** Marks the place of a plugin; validation fills in its schema. */
export function plugin<P extends PlacePath>(
  path: P,
): { readonly plugin: P; readonly default: true } & Typed<Reference> {
  return { plugin: path, default: true };
}

/** Marks the place of a plugin without a default. */
export function optionalPlugin(path: PlacePath): { readonly plugin: PlacePath } & Typed<Reference> {
  return { plugin: path };
}

/** Marks the place of a list of plugins. */
export function plugins<P extends PlacePath>(
  path: P,
): { readonly plugin: P; readonly default: true } & Typed<readonly Reference[]> {
  return { plugin: path, default: true };
}

/** A mapping whose keys all have defaults. */
export function record<const P extends { readonly [name: string]: object }>(
  description: string,
  properties: P,
): Mapping<P> {
  return { type: 'object', additionalProperties: false, properties, default: {}, description };
}

export interface Mapping<P> {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly properties: P;
  readonly default: Record<never, never>;
  readonly description: string;
}
