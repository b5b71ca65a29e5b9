import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PipelineErrors, SsqlError, withLocation, type Location } from '../errors.js';
import { pluginBroken } from '../plugin/plugin-errors.js';
import { interpolationInvalid, labelUnknown } from './composition-errors.js';
import { pipelineFileMissing } from './file-errors.js';
import { discoverRegistry, type Discover } from '../plugin/discover.js';
import type { Registry } from '../plugin/registry.js';
import { pipelineYaml } from './annotate.js';
import { extendSource } from './extend.js';
import { hasExpression, interpolate, isInterpolated, type Variables } from './interpolate.js';
import type { Path } from './locate.js';
import { expandMatrix, type Cell } from './matrix.js';
import { MOST_VALUES } from './matrix-definition.js';
import { originOf, type Origin, type Written } from './origin.js';
import { applyOverrides, parseOverride, type SetBy } from './override.js';
import { copy, parsePipeline } from './parse.js';
import type { Pipeline } from './pipeline.js';
import type { Problem } from './problem.js';
import { expandNames, isRecord, misnamedKinds } from './references.js';
import { titlesOf, type RunLabel } from './run-label.js';
import { createValidator, type Validator } from './validate.js';

/** A pipeline file, ready to run. */
export interface LoadedPipeline {
  readonly name: string;
  /** The file as it was named, for messages. */
  readonly file: string;
  /** The absolute folder of the file: relative paths in options start here. */
  readonly folder: string;
  /** The plugins that the pipeline was validated with. */
  readonly registry: Registry;
  /** The runs: one without a matrix, else one for each of its cells, in order. */
  readonly cells: readonly LoadedCell[];
}

export interface LoadedCell extends RunLabel {
  /** The matrix's values of this cell, by dotted path. */
  readonly cell: { readonly [path: string]: unknown };
  readonly pipeline: Pipeline;
  /** The resolved pipeline as YAML, without the matrix; it loads as the same pipeline. */
  readonly yaml: string;
  /** Where a value of the pipeline is written; of a default, the nearest place that is. */
  location(path: Path): Location;
  /** Where a value of the pipeline comes from. */
  origin(path: Path): Origin;
}

export interface LoadOptions {
  /** Where plugins come from: a registry, or what finds the packages that the file's `plugins` name. */
  readonly plugins?: Registry | Discover;
  /** Values to set, as on the command line: `path=value`, `path.+=value`, `~path`. */
  readonly set?: readonly string[];
  /** What `${env:NAME}` reads; left out: the environment of the process. */
  readonly variables?: Variables;
}

/** Loads pipeline files, with values to set: `path=value`. */
export type Loader = (file: string, set?: readonly string[]) => Promise<LoadedPipeline>;

/**
 * Reads, extends, overrides, expands, interpolates and validates a pipeline file.
 * @throws PipelineErrors with every problem of the file, in the order of their places.
 */
export function loadPipeline(file: string, { set, ...options }: LoadOptions = {}): Promise<LoadedPipeline> {
  return createLoader(options)(file, set);
}

/** A loader for many files: the schemas of pipelines and of plugins are compiled once. */
export function createLoader({
  plugins = discoverRegistry,
  variables = process.env,
}: Omit<LoadOptions, 'set'> = {}): Loader {
  const validator = createValidator();
  return (file, set = []) => load(file, set, plugins, variables, validator);
}

async function load(
  file: string,
  set: readonly string[],
  plugins: Registry | Discover,
  variables: Variables,
  validator: Validator,
): Promise<LoadedPipeline> {
  const extended = await extendSource(parsePipeline(file, await read(file)));
  const setBy = override(extended.value, set);
  const source: Written = {
    ...extended,
    setBy,
    location: (path, at) => setBy(path)?.location ?? extended.location(path, at),
  };
  const folder = dirname(resolve(file));
  const document = source.value;
  const found: SsqlError[] = [];

  resolvePlugins(document, variables);
  const registry = typeof plugins === 'function' ? await discover(plugins, document, folder, source, found) : plugins;
  expandNames(document);
  validator.fill(document, registry);
  const { cells, problems } = expandMatrix(document, titlesOf(registry));
  found.push(...located(source, problems));
  for (const cell of cells) {
    // An expression may refer to any value, a plugin's default too. Without one, validation fills in what is missing.
    if (registry && hasExpression(cell.document)) {
      validator.fill(cell.document, registry);
      validator.fillOptions(cell.document, registry);
    }
    const { problems, unresolved } = interpolate(cell.document, variables, MOST_VALUES / cells.length);
    expandNames(cell.document);
    const invalid = validator.validate(cell.document, registry).filter(({ path }) => !isUnder(path, unresolved));
    found.push(...located(source, [...problems, ...invalid], cell));
  }
  found.push(...located(source, checkNames(cells)), ...located(source, registry ? checkLabels(document, cells) : []));
  if (problems.length > 0 && isRecord(document)) {
    // The matrix may have been about to give what is missing.
    const rest = located(source, validator.validate({ ...document, matrix: undefined }, registry));
    found.push(...rest.filter(({ code }) => code !== 'MISSING_KEY'));
  }
  if (found.length > 0 || registry === undefined) throw new PipelineErrors(inOrder(found, file));

  const loaded = cells.map((cell) => loadCell(source, cell));
  return Object.freeze({ name: loaded[0]?.pipeline.name ?? '', file, folder, registry, cells: Object.freeze(loaded) });
}

/**
 * The packages and files of plugins that a pipeline file names, itself or in what it extends; nothing else of it is checked.
 * @throws PipelineErrors where the file, or one that it extends, cannot be read
 */
export async function namedPlugins(file: string, variables: Variables = process.env): Promise<readonly string[]> {
  const { value } = await extendSource(parsePipeline(file, await read(file)));
  resolvePlugins(value, variables);
  return listedPlugins(value).filter(isPluginReference);
}

function listedPlugins(document: unknown): readonly unknown[] {
  return isRecord(document) && Array.isArray(document['plugins']) ? document['plugins'] : [];
}

function isPluginReference(value: unknown): value is string {
  return typeof value === 'string' && !isInterpolated(value);
}

function loadCell(source: Written, cell: Cell): LoadedCell {
  const { values, label, group, parts } = cell;
  const pipeline = deepFreeze(cell.document) as Pipeline; // The validator has seen that it is one.
  return Object.freeze({
    cell: deepFreeze(values),
    label,
    group,
    parts,
    pipeline,
    yaml: pipelineYaml(pipeline),
    location: (path: Path) => source.location(cell.origin(path)),
    origin: (path: Path) => originOf(source, cell, pipeline, path),
  });
}

/** Plugins are loaded before the matrix is unfolded: expressions among them are read first. Those that fail are told later. */
function resolvePlugins(document: unknown, variables: Variables): void {
  if (!isRecord(document) || !Array.isArray(document['plugins']) || !document['plugins'].some(isInterpolated)) return;
  const resolved = copy(document) as Record<string, unknown>; // of a mapping
  interpolate(resolved, variables, MOST_VALUES);
  document['plugins'] = resolved['plugins'];
}

/** What is wrong with a value whose expression failed says nothing new. */
function isUnder(path: Path, unresolved: readonly Path[]): boolean {
  return unresolved.some((one) => one.every((segment, index) => String(path[index]) === String(segment)));
}

/** A label that is given other words must be one that a run has. */
function checkLabels(document: unknown, cells: readonly Cell[]): Problem[] {
  const labels = isRecord(document) && isRecord(document['labels']) ? Object.keys(document['labels']) : [];
  if (labels.length === 0) return [];
  const known = new Set(cells.flatMap(({ parts }) => parts));
  return labels
    .filter((label) => !known.has(label))
    .map((label) => ({
      path: ['labels', label],
      at: 'key',
      error: (location) => labelUnknown(label, [...known], location),
    }));
}

/** All runs of a file share a folder, which has its name. */
function checkNames(cells: readonly Cell[]): Problem[] {
  const names = new Set(cells.map(({ document }) => (isRecord(document) ? document['name'] : undefined)));
  if (names.size <= 1) return [];
  const reason = `All runs of a pipeline have its name, but \`name\` becomes ${[...names].slice(0, 3).join(', ')}.`;
  return [{ path: ['name'], at: 'value', error: (location) => interpolationInvalid(reason, location) }];
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new PipelineErrors([pipelineFileMissing(file, cause)]);
  }
}

async function discover(
  plugins: Discover,
  document: unknown,
  folder: string,
  source: Written,
  found: SsqlError[],
): Promise<Registry | undefined> {
  const listed = listedPlugins(document);
  const references = listed.filter(isPluginReference);
  try {
    const registry = await plugins(references, folder);
    const misnamed = misnamedKinds(registry).map(({ kind, name }) =>
      pluginBroken(
        registry.packageOf(kind, name)?.name ?? name,
        `\`${name}\` is of the kind \`${kind}\`, for which a pipeline has no place: the key means something else`,
        { hint: 'Give the kind another name.' },
      ),
    );
    if (misnamed.length > 0) throw new PipelineErrors(misnamed);
    return registry;
  } catch (error) {
    const errors = error instanceof PipelineErrors ? error.errors : [error];
    for (const one of errors) {
      if (!(one instanceof SsqlError)) throw one;
      const index = listed.indexOf(one.details.reference);
      found.push(withLocation(one, index < 0 ? undefined : source.location(['plugins', index])));
    }
    return undefined;
  }
}

/** @throws PipelineErrors OVERRIDE_INVALID */
function override(document: unknown, set: readonly string[]): (path: Path) => SetBy | undefined {
  try {
    return applyOverrides(document, set.map(parseOverride));
  } catch (error) {
    throw error instanceof SsqlError ? new PipelineErrors([error]) : error;
  }
}

/** Nobody reads more, and to find places takes time. */
const MOST_PROBLEMS = 1000;

function located(source: Written, problems: readonly Problem[], cell?: Cell): SsqlError[] {
  return problems
    .slice(0, MOST_PROBLEMS)
    .map(({ path, at, error }) => error(source.location(cell?.origin(path) ?? path, at)));
}

/** By place, the file itself before those that it extends; and each once, though many cells may have it. */
function inOrder(errors: readonly SsqlError[], main: string): SsqlError[] {
  const position = ({ details: { location } }: SsqlError) => ({
    file: location === undefined || location.file === main ? '' : location.file,
    line: location?.line ?? 0,
    column: location?.column ?? 0,
  });
  const unique = new Map(errors.map((error) => [JSON.stringify([error.code, error.message, position(error)]), error]));
  return [...unique.values()].sort((one, other) => {
    const [a, b] = [position(one), position(other)];
    return a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column;
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
