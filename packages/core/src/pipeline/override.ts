import { parse as parseYaml, YAMLParseError } from 'yaml';
import type { Location, SsqlError } from '../errors.js';
import { overrideInvalid } from './composition-errors.js';
import { didYouMean } from '../nearest-name.js';
import { codeFrame } from './code-frame.js';
import type { Path } from './locate.js';
import { isRecord, isReferencePath } from './references.js';

/** A value that the command line sets, adds or removes. */
export interface Override {
  readonly text: string;
  readonly path: Path;
  /** Omitted: the value is removed. */
  readonly value?: unknown;
}

/** The argument that set a value on the command line. */
export interface SetBy {
  /** The text after `--set`. */
  readonly argument: string;
  readonly location: Location;
}

/**
 * Parses `path=value`, with the value in YAML. `path.+=value` adds to a list; `~path` removes a value.
 * @throws SsqlError OVERRIDE_INVALID
 */
export function parseOverride(text: string): Override {
  const [, remove, dotted, assigned] = /^(~?)([^=]+?)(?:=(.*))?$/s.exec(text) ?? [];
  if (dotted === undefined || (remove === '~') === (assigned !== undefined))
    throw overrideInvalid('Expected `path=value`, `path.+=value` or `~path`.', placeOf(text));
  const path = dotted.trim().split('.');
  if (remove === '~') return { text, path };
  try {
    return { text, path, value: parseYaml(assigned ?? '', { stringKeys: true }) as unknown };
  } catch (error) {
    // An alias without its anchor is a ReferenceError.
    if (!(error instanceof YAMLParseError || error instanceof ReferenceError)) throw error;
    const reason = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '';
    throw overrideInvalid(`The value is not valid YAML: ${reason}.`, placeOf(text, assigned));
  }
}

/**
 * Applies overrides to a document, in place and in order. Replacing a plugin (`method.use=…`) removes the options of the old one.
 * Setting a path that the matrix varies reduces its list to the one value.
 * @returns a function from a path to the argument that set its value, and the place of the argument
 * @throws SsqlError OVERRIDE_INVALID if a path does not exist
 */
export function applyOverrides(document: unknown, overrides: readonly Override[]): (path: Path) => SetBy | undefined {
  const set = overrides.map((override) => ({ override, path: apply(document, override) }));
  return (path) => {
    const last = set.findLast((setting) =>
      setting.path.every((segment, index) => String(path[index]) === String(segment)),
    );
    return last && { argument: last.override.text, location: placeOf(last.override.text) };
  };
}

/** Applies one override. @returns the path of its value */
function apply(document: unknown, { text, path, value }: Override): Path {
  const axes = isRecord(document) && isRecord(document['matrix']) ? document['matrix'] : {};
  const dotted = path.join('.');
  if (Object.hasOwn(axes, dotted)) {
    // The matrix would overwrite the value, so set the only value of the axis, or remove the axis.
    settleEntries(axes, dotted, value);
    if (value === undefined) Reflect.deleteProperty(axes, dotted);
    else axes[dotted] = [value];
    return value === undefined ? path : ['matrix', dotted, 0];
  }
  if (path[0] === 'matrix' && path.length > 2 && !['include', 'exclude'].includes(String(path[1])))
    return applyToMatrix(document, axes, { text, path, value });
  const axis = Object.keys(axes).find((candidate) => dotted.startsWith(`${candidate}.`));
  if (axis !== undefined)
    throw overrideInvalid(
      `The matrix sets \`${axis}\` and would overwrite \`${dotted}\`.`,
      placeOf(text),
      `Set \`${axis}\` instead.`,
    );
  const parent = parentOf(document, path, text, value !== undefined);
  const key = path.at(-1) ?? '';
  if (Array.isArray(parent)) return applyToList(parent, path, text, value);
  if (value === undefined) {
    if (!Object.hasOwn(parent, key)) throw noSuchPath(text, String(key), Object.keys(parent));
    Reflect.deleteProperty(parent, key);
    return path;
  }
  const holder = path.slice(0, -1);
  const isPlugin = isReferencePath(holder.join('.')) || isWithinOptions(holder, key);
  if (key === 'use' && parent['use'] !== value && isPlugin) delete parent['with'];
  parent[key] = value;
  return path;
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
  const key = path.slice(1).join('.');
  const list = axes[path.slice(1, -1).join('.')];
  if (Array.isArray(list) && !Object.hasOwn(axes, key))
    return applyToList(list, ['matrix', path.slice(1, -1).join('.'), path.at(-1) ?? ''], text, value);
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

/** A place in an argument of the command line. */
function placeOf(text: string, segment?: string): Location {
  const column = segment === undefined ? 1 : Math.max(0, text.indexOf(segment)) + 1;
  return { file: '--set', line: 1, column, frame: codeFrame((line) => (line === 1 ? text : undefined), 1, column) };
}
