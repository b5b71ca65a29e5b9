import type { Registry } from '../plugin/registry.js';
import { isRecord, isReferencePath } from './references.js';

/** A value that a cell sets at a dotted path. */
export interface SetValue {
  readonly path: string;
  readonly value: unknown;
}

/** Labels of a run. */
export interface RunLabel {
  /** Unique for each cell of a matrix: `SSQL-SimSiam seed 1`. Empty without a matrix. */
  readonly label: string;
  /** The same for all seeds: `SSQL-SimSiam`. */
  readonly group: string;
  /** The label before `labels` replaces parts of it. The run's folder is named after it, so that renaming repeats no training. */
  readonly originalLabel: string;
  /** The parts of label and group, before `labels` replaces them. */
  readonly parts: readonly string[];
}

/** Returns the title of a plugin, or its name if it has no title. */
export type TitleOf = (kind: string, name: string) => string;

export function titlesOf(registry: Registry | undefined): TitleOf {
  return (kind, name) => registry?.list().find((plugin) => plugin.kind === kind && plugin.name === name)?.title ?? name;
}

/**
 * Labels a run by the values of its cell: `SSQL-SimSiam seed 1`. Wrapper and method form one part, as in the literature.
 * @param settings the values of the cell
 * @param cells the values of all cells of the matrix
 * @param document the pipeline of the cell, with names expanded
 * @param titleOf the titles of plugins
 */
export function runLabel(
  settings: readonly SetValue[],
  cells: readonly (readonly SetValue[])[],
  document: unknown,
  titleOf: TitleOf,
): RunLabel {
  const paths = [...new Set(cells.flat().map(({ path }) => path))];
  const network = networkTitle(document, titleOf);
  const parts = settings.flatMap(({ path, value }, index) => {
    const written = distinguishing(path, value, cells);
    if (!isNetworkPath(path)) {
      const plugin = isReferencePath(path.replace(/\.use$/, ''));
      return [{ path, text: plugin ? writeValue(written) : `${shortName(path, paths)} ${writeValue(written)}` }];
    }
    // The first of method and wrapper adds the part for both; the options of each follow it.
    const first = settings.findIndex((setting) => isNetworkPath(setting.path)) === index;
    const options = isRecord(written) ? writeValue({ ...written, use: '' }).trim() : '';
    return [...(first ? [network] : []), ...(options === '' ? [] : [options])].map((text) => ({ path, text }));
  });
  const labels = isRecord(document) && isRecord(document['labels']) ? document['labels'] : {};
  const textOf = ({ text }: { readonly text: string }): string => String(labels[text] ?? text);
  const named = parts.length > 0 ? parts : [{ path: '', text: network }];
  const unseeded = named.filter(({ path }) => !/(^|\.)seed$/.test(path));
  return {
    label: parts.map(textOf).join(' '),
    originalLabel: parts.map(({ text }) => text).join(' '),
    group: (unseeded.length > 0 ? unseeded : [{ text: network }]).map(textOf).join(' '),
    parts: [...named.map(({ text }) => text), network],
  };
}

const NETWORK_PATHS = ['method', 'quantization.wrap'];

function isNetworkPath(path: string): boolean {
  return NETWORK_PATHS.includes(path.replace(/\.use$/, ''));
}

/** `SSQL-SimSiam`: the wrapper's title before the method's, if it has one. */
function networkTitle(document: unknown, titleOf: TitleOf): string {
  const nameAt = (path: string): string => nameIn(path.split('.').reduce(valueUnder, document));
  const wrapper = titleOf('wrapper', nameAt('quantization.wrap'));
  const method = titleOf('method', nameAt('method'));
  return [wrapper, method].filter((title) => title !== '').join('-');
}

/** The plugin's name without its options, unless another cell uses it with other options. */
function distinguishing(path: string, value: unknown, cells: readonly (readonly SetValue[])[]): unknown {
  if (!isRecord(value) || value['use'] === undefined) return value;
  const { use } = value;
  const likes = cells.flat().filter((setting) => setting.path === path && nameIn(setting.value) === use);
  return likes.every((setting) => JSON.stringify(setting.value) === JSON.stringify(value)) ? use : value;
}

function nameIn(value: unknown): string {
  return String((isRecord(value) ? value['use'] : value) ?? '');
}

/** A value as text on one line. */
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

function valueUnder(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}
