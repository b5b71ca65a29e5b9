import { dirname, resolve } from 'node:path';
import { PipelineErrors, SsqlError, type Location } from '../errors.js';
import { interpolationInvalid, labelDuplicate, labelUnknown } from './composition-errors.js';
import { discoverRegistry, type Discover } from '../plugin/discover.js';
import type { Registry } from '../plugin/registry.js';
import { pipelineYaml } from './annotate.js';
import { extendSource } from './extend.js';
import { hasExpression, interpolate, isWithin, type EnvironmentText, type Variables } from './interpolate.js';
import { checkCalibrations } from './check-calibrations.js';
import { checkPlugins } from './check-plugins.js';
import { checkServed } from './check-served.js';
import { loadListed, resolvePlugins } from './listed-plugins.js';
import type { Path } from './locate.js';
import { checkRepeated, expandMatrix, type Cell } from './matrix.js';
import { MOST_VALUES } from './matrix-definition.js';
import { originOf, type Origin, type Written } from './origin.js';
import { applyOverrides, type Settings } from './override.js';
import { parseOverride } from './parse-override.js';
import { parsePipeline, type Source } from './parse.js';
import type { Pipeline } from './pipeline.js';
import type { Problem } from './problem.js';
import { yamlOf } from './pipeline-object.js';
import { readPipelineFile } from './read-pipeline-file.js';
import { expandNames, isRecord } from './references.js';
import { titlesOf, type RunLabel } from './run-label.js';
import { createValidator, type Validator } from './validate.js';

/** A pipeline file, ready to run. */
export interface LoadedPipeline {
  readonly name: string;
  /** The path of the file as passed by the caller, for messages. */
  readonly file: string;
  /** The absolute folder of the file. Relative paths in options start here. */
  readonly folder: string;
  /** The plugins that the pipeline was validated with. */
  readonly registry: Registry;
  /** What has no effect, in sentences. */
  readonly notes: readonly string[];
  /** The runs: one for each cell of the matrix, in order; a single one without a matrix. */
  readonly cells: readonly LoadedCell[];
}

export interface LoadedCell extends RunLabel {
  /** The matrix's values of this cell, by dotted path. */
  readonly cell: { readonly [path: string]: unknown };
  readonly pipeline: Pipeline;
  /**
   * The resolved pipeline as YAML, without the matrix. Loading it in the same environment gives the same pipeline: what comes from the
   * environment is written as its expression, because it may be secret.
   */
  readonly yaml: string;
  /** The place of a value in a file; for a default, the nearest written place. */
  location(path: Path): Location;
  /** The origin of a value of the pipeline. */
  origin(path: Path): Origin;
}

export interface LoadOptions {
  /** The source of plugins: a registry, or a function that loads the packages in the file's `plugins`. */
  readonly plugins?: Registry | Discover;
  /** Values to set, as on the command line: `path=value`, `path.+=value`, `~path`. */
  readonly set?: readonly string[];
  /** Variables for `${env:NAME}`; default: the environment of the process. */
  readonly variables?: Variables;
}

/** A pipeline as a file has it: `{ name: 'mine', data: 'digits', ... }`. */
export interface PipelineObject {
  readonly [key: string]: unknown;
}

/** The path of a pipeline file; or its content, in which relative paths start at the working directory; or what `loadPipeline` returned. */
export type PipelineSource = string | PipelineObject | LoadedPipeline;

/** Loads pipelines, with values to set: `path=value`. */
export type Loader = (pipeline: string | PipelineObject, set?: readonly string[]) => Promise<LoadedPipeline>;

/**
 * Reads, extends, overrides, expands, interpolates and validates a pipeline.
 * @param pipeline the path of a file, or its content
 * @throws PipelineErrors with every problem of the file, sorted by place.
 */
export function loadPipeline(
  pipeline: string | PipelineObject,
  { set, ...options }: LoadOptions = {},
): Promise<LoadedPipeline> {
  return createLoader(options)(pipeline, set);
}

/** Loads a pipeline unless it is loaded already. @throws PipelineErrors */
export async function openPipeline(source: PipelineSource, options: LoadOptions): Promise<LoadedPipeline> {
  return isLoaded(source) ? source : loadPipeline(source, options);
}

function isLoaded(source: PipelineSource): source is LoadedPipeline {
  return isRecord(source) && 'registry' in source && 'cells' in source; // no keys of pipelines
}

/** Makes a loader for many files, which compiles the schemas of pipelines and plugins once. */
export function createLoader({
  plugins = discoverRegistry,
  variables = process.env,
}: Omit<LoadOptions, 'set'> = {}): Loader {
  const validator = createValidator();
  return (pipeline, set = []) => load(pipeline, set, plugins, variables, validator);
}

/** The name of a pipeline that is no file, in messages. */
const OBJECT = 'the pipeline';

async function readSource(pipeline: string | PipelineObject): Promise<Source> {
  if (typeof pipeline === 'string') return parsePipeline(pipeline, await readPipelineFile(pipeline));
  return parsePipeline(OBJECT, yamlOf(pipeline));
}

async function load(
  pipeline: string | PipelineObject,
  set: readonly string[],
  plugins: Registry | Discover,
  variables: Variables,
  validator: Validator,
): Promise<LoadedPipeline> {
  const written = await readSource(pipeline);
  const { file } = written;
  const extended = await extendSource(written);
  const { setBy, setWithin, removedBy } = override(extended.value, set);
  const source: Written = {
    ...extended,
    setBy,
    removedBy,
    location(path, at) {
      const set = setBy(path, at) ?? (extended.written(path) ? undefined : setWithin(path, at));
      return set?.location ?? extended.location(path, at);
    },
  };
  const folder = dirname(resolve(file));
  const document = source.value;
  const notes = overriddenKeys(document, source);
  const errors: SsqlError[] = [];

  const inPlugins = resolvePlugins(document, variables);
  const environments = new Map<Cell, readonly EnvironmentText[]>();
  const registry =
    typeof plugins === 'function' ? await loadListed(plugins, document, folder, source, errors) : plugins;
  expandNames(document, registry);
  validator.fill(document, registry);
  const { cells, problems } = expandMatrix(document, titlesOf(registry));
  errors.push(...located(source, problems));
  for (const cell of cells) {
    // An expression may refer to any value, including a plugin's default. Without expressions, validation fills in defaults.
    if (registry && hasExpression(cell.document)) {
      validator.fill(cell.document, registry);
      validator.fillOptions(cell.document, registry);
    }
    const { problems, unresolved, environment } = interpolate(cell.document, variables, MOST_VALUES / cells.length);
    environments.set(cell, [...inPlugins, ...environment]);
    expandNames(cell.document, registry);
    const invalid = validator
      .validate(cell.document, registry)
      .filter(({ path }) => !unresolved.some((failed) => isWithin(path, failed)));
    errors.push(...located(source, [...problems, ...invalid], cell));
  }
  errors.push(...located(source, checkNames(cells)), ...located(source, registry ? checkLabels(document, cells) : []));
  if (problems.length > 0 && isRecord(document)) {
    // The matrix might have set the missing keys.
    const rest = located(source, validator.validate({ ...document, matrix: undefined }, registry));
    errors.push(...rest.filter(({ code }) => code !== 'MISSING_KEY'));
  }
  if (errors.length === 0) errors.push(...located(source, checkRepeated(cells)));
  if (errors.length > 0 || registry === undefined) throw new PipelineErrors(inOrder(errors, file));

  const loaded = cells.map((cell) => loadCell(source, cell, registry, environments.get(cell)!)); // interpolated above
  const refused = loaded.flatMap((cell) => [
    ...checkCalibrations(cell),
    ...checkServed(cell, registry),
    ...checkPlugins(cell, registry),
  ]);
  if (refused.length > 0) throw new PipelineErrors(inOrder(refused, file));
  return Object.freeze({
    name: loaded[0]?.pipeline.name ?? '',
    file,
    folder,
    registry,
    notes,
    cells: Object.freeze(loaded),
  });
}

/** Says which keys have no effect because the matrix of an extended file sets them. */
function overriddenKeys(document: unknown, source: Written): readonly string[] {
  const axes = isRecord(document) && isRecord(document['matrix']) ? Object.keys(document['matrix']) : [];
  return axes.flatMap((axis) => {
    const [path, at] = [axis.split('.'), ['matrix', axis]];
    const depth = source.depth(path);
    if (depth < 0 || depth >= source.depth(at)) return [];
    const [key, matrix] = [source.location(path), source.location(at)];
    return `\`${axis}\` (${key.file}:${key.line}) has no effect: the inherited matrix sets it (${matrix.file}:${matrix.line}). \`matrix: { ${axis}: null }\` takes that away.`;
  });
}

function loadCell(
  source: Written,
  cell: Cell,
  registry: Registry,
  environment: readonly EnvironmentText[],
): LoadedCell {
  const { values, label, group, originalLabel, parts } = cell;
  const pipeline = deepFreeze(cell.document) as Pipeline; // the validator has checked it
  return Object.freeze({
    cell: deepFreeze(values),
    label,
    group,
    originalLabel,
    parts,
    pipeline,
    yaml: pipelineYaml(pipeline, environment),
    location: (path: Path) => source.location(cell.origin(path)),
    origin: (path: Path) => originOf(source, cell, pipeline, registry, path),
  });
}

/** Checks that each renamed label occurs in the label of a run, and that renaming keeps labels unique. */
function checkLabels(document: unknown, cells: readonly Cell[]): Problem[] {
  const labels = isRecord(document) && isRecord(document['labels']) ? Object.keys(document['labels']) : [];
  if (labels.length === 0) return [];
  const known = new Set(cells.flatMap(({ parts }) => parts));
  const unknown = labels
    .filter((label) => !known.has(label))
    .map((label): Problem => ({
      path: ['labels', label],
      at: 'key',
      error: (location) => labelUnknown(label, [...known], location),
    }));
  const twice = cells.find(({ label, originalLabel }) =>
    cells.some((other) => other.label === label && other.originalLabel !== originalLabel),
  );
  if (twice === undefined) return unknown;
  const duplicate = (location: Location): SsqlError => labelDuplicate(twice.label, location);
  return [...unknown, { path: ['labels'], at: 'value', error: duplicate }];
}

/** Checks that all cells have the same name, because all runs of a file share the folder of that name. */
function checkNames(cells: readonly Cell[]): Problem[] {
  const names = new Set(cells.map(({ document }) => (isRecord(document) ? document['name'] : undefined)));
  if (names.size <= 1) return [];
  const reason = `All runs of a pipeline must have the same \`name\`, but it becomes ${[...names].slice(0, 3).join(', ')}.`;
  return [{ path: ['name'], at: 'value', error: (location) => interpolationInvalid(reason, location) }];
}

/** @throws PipelineErrors OVERRIDE_INVALID */
function override(document: unknown, set: readonly string[]): Settings {
  try {
    return applyOverrides(document, set.map(parseOverride));
  } catch (error) {
    throw error instanceof SsqlError ? new PipelineErrors([error]) : error;
  }
}

/** Nobody reads more, and locating them takes time. */
const MOST_PROBLEMS = 1000;

function located(source: Written, problems: readonly Problem[], cell?: Cell): SsqlError[] {
  return problems.slice(0, MOST_PROBLEMS).map(({ path, at, missing, error }) => {
    const origin = cell?.origin(path, missing === undefined ? at : 'value') ?? path;
    const removed = missing === undefined ? undefined : source.removedBy([...origin, missing]);
    return error(removed?.location ?? source.location(origin, at));
  });
}

/** Sorts errors by place, the file itself before the files that it extends, and removes duplicates from several cells. */
function inOrder(errors: readonly SsqlError[], main: string): SsqlError[] {
  const position = ({ details: { location } }: SsqlError) => ({
    file: location === undefined || location.file === main ? '' : location.file,
    line: location?.line ?? 0,
    column: location?.column ?? 0,
  });
  const unique = new Map(errors.map((error) => [JSON.stringify([error.code, error.message, position(error)]), error]));
  return [...unique.values()].sort((first, second) => {
    const [a, b] = [position(first), position(second)];
    return a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column;
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
