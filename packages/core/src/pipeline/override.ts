import type { Location, SsqlError } from '../errors.js';
import { overrideInvalid } from './composition-errors.js';
import { didYouMean } from '../nearest-name.js';
import { splitPath } from './dotted-path.js';
import type { Path } from './locate.js';
import { placeAtOffset, placeOf, type Override } from './parse-override.js';
import { isRecord, isReferencePath } from './references.js';

/** The argument that set a value on the command line. */
export interface SetBy {
  /** The text after `--set`. */
  readonly argument: string;
  readonly location: Location;
}

/** What arguments of the command line did to the values of a document. */
export interface Settings {
  /** The argument that set the value at a path, or a value that holds it. */
  setBy(path: Path, at?: 'key' | 'value'): SetBy | undefined;
  /** The argument that set a value within the value at a path. */
  setWithin(path: Path, at?: 'key' | 'value'): SetBy | undefined;
  /** The argument that removed the value at a path, or that replaced the plugin whose option it was. */
  removedBy(path: Path): SetBy | undefined;
}

/** An override, and the paths of its value and of the values that it removed. */
interface Applied {
  readonly override: Override;
  readonly path: Path;
  readonly removed?: Path;
}

/**
 * Applies overrides to a document, in place and in order. Replacing a plugin (`method.use=…`) removes the options of the old one.
 * Setting a path that the matrix varies reduces its list to the one value.
 * @throws SsqlError OVERRIDE_INVALID if a path does not exist
 */
export function applyOverrides(document: unknown, overrides: readonly Override[]): Settings {
  const applied = overrides.map((override): Applied => ({ override, ...apply(document, override) }));
  return {
    setBy(path, at) {
      const last = applied.findLast((setting) => holds(setting.path, path));
      return last && { argument: last.override.text, location: placeIn(last, path, at) };
    },
    setWithin(path, at) {
      const last = applied.findLast((setting) => holds(path, setting.path));
      return last && { argument: last.override.text, location: placeIn(last, path, at) };
    },
    removedBy(path) {
      const last = applied.findLast(({ removed }) => removed !== undefined && holds(removed, path));
      return last && { argument: last.override.text, location: placeIn(last, path, 'key') };
    },
  };
}

/** Whether a path is that of a value, or leads into it. */
function holds(value: Path, path: Path): boolean {
  return value.every((segment, index) => String(path[index]) === String(segment));
}

/** The place of a key or value in the argument that set it. */
function placeIn({ override: { text, path: dotted }, path: set }: Applied, path: Path, at?: 'key' | 'value'): Location {
  const value = text.indexOf('=') + 1;
  if (at !== 'key') return placeAtOffset(text, value);
  const start = text.indexOf(dotted);
  if (path.length <= set.length && set.join('.') === dotted)
    return placeAtOffset(
      text,
      start +
        path
          .slice(0, -1)
          .map((segment) => `${segment}.`)
          .join('').length,
    );
  // A key within the value.
  return placeAtOffset(text, Math.max(value, text.indexOf(String(path.at(-1)), value)));
}

/** Applies one override. */
function apply(document: unknown, override: Override): Omit<Applied, 'override'> {
  const { text, path: dotted, value } = override;
  const path = splitPath(document, dotted);
  const axes = isRecord(document) && isRecord(document['matrix']) ? document['matrix'] : {};
  if (Object.hasOwn(axes, dotted)) {
    // The matrix would overwrite the value, so set the only value of the axis, or remove the axis.
    settleEntries(axes, dotted, value);
    if (value === undefined) Reflect.deleteProperty(axes, dotted);
    else axes[dotted] = [value];
    return { path: value === undefined ? path : ['matrix', dotted, 0] };
  }
  const [top, axisOrEntries] = dotted.split('.');
  if (top === 'matrix' && axisOrEntries !== undefined && !['include', 'exclude'].includes(axisOrEntries))
    return { path: applyToMatrix(document, axes, override) };
  const axis = Object.keys(axes).find((candidate) => dotted.startsWith(`${candidate}.`));
  if (axis !== undefined)
    throw overrideInvalid(
      `The matrix sets \`${axis}\` and would overwrite \`${dotted}\`.`,
      placeOf(text),
      `Set \`${axis}\` instead.`,
    );
  const parent = parentOf(document, path, text, value !== undefined);
  const key = path.at(-1) ?? '';
  if (Array.isArray(parent)) return { path: applyToList(parent, path, text, value) };
  if (value === undefined) {
    if (!Object.hasOwn(parent, key)) throw noSuchPath(text, String(key), Object.keys(parent));
    Reflect.deleteProperty(parent, key);
    return { path, removed: path };
  }
  const holder = path.slice(0, -1);
  const isPlugin = isReferencePath(holder.join('.')) || isWithinOptions(holder, key);
  const replaces = key === 'use' && parent['use'] !== value && isPlugin;
  if (replaces) delete parent['with'];
  parent[key] = value;
  return replaces ? { path, removed: [...holder, 'with'] } : { path };
}

/** Adapts `include` and `exclude` after all runs got the same value at a path. */
function settleEntries(matrix: Record<string, unknown>, dotted: string, value: unknown): void {
  const setsPath = (entry: unknown): entry is Record<string, unknown> =>
    isRecord(entry) && Object.hasOwn(entry, dotted);
  const { include, exclude } = matrix;
  if (Array.isArray(exclude))
    matrix['exclude'] = exclude.filter(
      (entry: unknown) => !setsPath(entry) || JSON.stringify(entry[dotted]) === JSON.stringify(value),
    );
  if (Array.isArray(include) && value !== undefined)
    for (const entry of include.filter(setsPath)) entry[dotted] = value;
}

/** Applies `matrix.quantization.wrap=[ssql]`: keys of a matrix contain dots. `matrix.seed.1` is an item of a list. */
function applyToMatrix(document: unknown, axes: Record<string, unknown>, { text, path, value }: Override): Path {
  if (!isRecord(document)) throw noSuchPath(text, 'matrix', []);
  const key = path.slice('matrix.'.length);
  const [axis, item] = [key.slice(0, Math.max(0, key.lastIndexOf('.'))), key.slice(key.lastIndexOf('.') + 1)];
  const list = axes[axis];
  if (Array.isArray(list) && !Object.hasOwn(axes, key)) return applyToList(list, ['matrix', axis, item], text, value);
  if (value !== undefined) document['matrix'] = { ...axes, [key]: value };
  else if (Object.hasOwn(axes, key))
    document['matrix'] = Object.fromEntries(Object.entries(axes).filter(([axis]) => axis !== key));
  else throw noSuchPath(text, key, Object.keys(axes));
  return ['matrix', key];
}

function applyToList(list: unknown[], path: Path, text: string, value: unknown): Path {
  const key = String(path.at(-1));
  const index = key === '+' && value !== undefined ? list.length : Number(key);
  if (
    key === '' ||
    !Number.isInteger(index) ||
    index < 0 ||
    index > list.length ||
    (key !== '+' && index === list.length)
  )
    throw noSuchItem(text, key, list.length);
  if (value === undefined) list.splice(index, 1);
  else list[index] = value;
  return [...path.slice(0, -1), index];
}

function parentOf(document: unknown, path: Path, text: string, create: boolean): Record<string, unknown> | unknown[] {
  let parent = document;
  for (const [depth, segment] of path.slice(0, -1).entries()) {
    const holder = holderOf(parent);
    if (holder === undefined) throw noSuchPath(text, String(segment), []);
    if (!Object.hasOwn(holder, segment)) {
      if (!create) throw noSuchPath(text, String(segment), Object.keys(holder));
      // A mapping that does not exist yet, such as `with`.
      if (Array.isArray(holder)) throw noSuchItem(text, String(segment), holder.length);
      (holder as Record<string, unknown>)[segment] = {};
    }
    const next = (holder as Record<string, unknown>)[segment];
    // A plugin's name is the short form of a reference.
    const here = path.slice(0, depth + 1);
    if (typeof next === 'string' && (isReferencePath(here.join('.')) || isWithinOptions(here, path[depth + 1])))
      (holder as Record<string, unknown>)[segment] = { use: next };
    parent = (holder as Record<string, unknown>)[segment];
  }
  const holder = holderOf(parent);
  if (holder === undefined) throw noSuchPath(text, String(path.at(-1)), []);
  return holder;
}

/** Whether a value within the options of a plugin is set as a plugin is: by `use` or `with`. Whether it is one, validation says. */
function isWithinOptions(path: Path, key: string | number | undefined): boolean {
  return path.includes('with') && (key === 'use' || key === 'with');
}

function holderOf(value: unknown): Record<string, unknown> | unknown[] | undefined {
  return Array.isArray(value) ? value : isRecord(value) ? value : undefined;
}

function noSuchPath(text: string, segment: string, known: readonly string[]): SsqlError {
  const suggestion = /^\d+$/.test(segment) ? undefined : didYouMean(segment, known);
  const there = known.length > 0 ? `Known keys: ${known.join(', ')}.` : undefined;
  return overrideInvalid(`The pipeline has no \`${segment}\` there.`, placeOf(text, segment), suggestion ?? there);
}

function noSuchItem(text: string, index: string, length: number): SsqlError {
  const items = `The list has ${length} ${length === 1 ? 'item' : 'items'}, counted from 0; \`+\` adds one.`;
  return overrideInvalid(`The list has no item \`${index}\`.`, placeOf(text, index), items);
}
