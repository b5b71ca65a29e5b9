import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolveModule } from 'import-meta-resolve';
import { PipelineErrors, SsqlError, withLocation, type Location } from '../errors.js';
import { extendsCycle, extendsInvalid, extendsMissing, extendsTooMany, matrixInvalid } from './composition-errors.js';
import { didYouMean } from '../nearest-name.js';
import { topOfFile } from './value-errors.js';
import { isFileReference } from '../plugin/is-file-reference.js';
import { isWritten, locate, type Path } from './locate.js';
import { copy, parsePipeline, type Source } from './parse.js';
import { readBounded } from './read-pipeline-file.js';
import { isRecord, isReferencePath, slots } from './references.js';

const DEEPEST = 20;
/** The largest number of files of a pipeline. A file that is extended twice counts twice. */
const MOST_FILES = 100;

/** A pipeline file together with the files that it extends. */
export interface ExtendedSource {
  /** The merged values of all files, not shared with other objects. */
  readonly value: unknown;
  /** The place of a value in the nearest file that writes it, with the chain of files that extend it. */
  location(path: Path, at?: 'key' | 'value'): Location;
  /** The value at a path in the nearest file that writes it; `undefined` if no file does. */
  written(path: Path): { readonly value: unknown } | undefined;
  /** How far away the nearest file is that writes a path: 0 for the extending file, more for extended ones, -1 if no file does. */
  depth(path: Path): number;
}

/** A file, and the places that extend it. */
interface Link {
  readonly source: Source;
  readonly via: readonly string[];
}

/**
 * Reads the files that a pipeline extends, directly and indirectly. Paths are relative to the extending file (`./base.yaml`) or in a
 * package. Mappings are merged, with precedence for the extending file and for later files; lists are replaced. A plugin's name is merged as
 * the mapping that it stands for. If a file replaces a plugin, the options of the old plugin are dropped. `null` takes the monitor,
 * the matrix, or one of its axes, away.
 * @throws PipelineErrors EXTENDS_INVALID, EXTENDS_MISSING, EXTENDS_CYCLE, EXTENDS_TOO_MANY, FILE_SPECIAL, and errors in the YAML of a file
 */
export async function extendSource(source: Source): Promise<ExtendedSource> {
  const { value, links } = await merge({ source, via: [] }, [source.file]);
  const ownerOf = (path: Path): Link | undefined => {
    const reference = referenceAbove(path);
    let chooser: { readonly link: Link; readonly name: string } | undefined;
    for (const link of links) {
      const name = reference && nameOf(reference.reduce(valueUnder, link.source.value));
      // The options that this file writes are those of another plugin.
      if (chooser !== undefined && name !== undefined && name !== chooser.name) return chooser.link;
      if (writes(link.source, path) || isReplaced(link.source, path)) return link;
      if (name !== undefined) chooser ??= { link, name };
    }
    return chooser?.link;
  };
  return {
    value: withoutNulls(copy(value)),
    location(path, at) {
      const { source: owner, via } = ownerOf(path) ?? { source, via: [] };
      return through(locate(owner, path, at), via);
    },
    written(path) {
      const owner = ownerOf(path);
      if (owner === undefined || !writes(owner.source, path)) return undefined;
      const above = path.slice(0, -1).reduce(valueUnder, owner.source.value);
      return { value: isShortName(above, path.slice(0, -1)) ? above : path.reduce(valueUnder, owner.source.value) };
    },
    depth: (path) => links.findIndex((link) => writes(link.source, path)),
  };
}

async function merge(
  { source, via }: Link,
  files: readonly string[],
): Promise<{ readonly value: unknown; readonly links: readonly Link[] }> {
  const document = source.value;
  if (via.length > 0 && !isRecord(document))
    throw new PipelineErrors([topOfFile(document, through(locate(source, []), via))]);
  if (!isRecord(document) || document['extends'] === undefined) {
    refuseUnknownAxes({ source, via }, {});
    return { value: document, links: [{ source, via }] };
  }
  const { extends: named, ...rest } = document;
  const bases = typeof named === 'string' ? [named] : named;
  if (!Array.isArray(bases) || !bases.every((base) => typeof base === 'string'))
    throw new PipelineErrors([extendsInvalid(through(locate(source, ['extends']), via))]);

  let value: unknown = {};
  let links: readonly Link[] = [];
  for (const [index, base] of bases.entries()) {
    const location = through(locate(source, typeof named === 'string' ? ['extends'] : ['extends', index]), via);
    const file = find(base, source.file, location);
    const before = files.map(realPath);
    if (before.includes(realPath(file)) || files.length >= DEEPEST)
      throw new PipelineErrors([extendsCycle([...files, file], realPath(file), location)]);
    const bytes = await readBounded(file).catch((cause: unknown) => {
      throw new PipelineErrors([
        cause instanceof SsqlError
          ? withLocation(cause, location)
          : extendsMissing(base, dirname(source.file), location, cause),
      ]);
    });
    const from = [...via, `${location.file}:${location.line}:${location.column}`];
    const merged = await merge({ source: parseBase(file, bytes, from), via: from }, [...files, file]);
    value = overlay(value, merged.value);
    links = [...merged.links, ...links];
    if (links.length > MOST_FILES) throw new PipelineErrors([extendsTooMany(MOST_FILES, location)]);
  }
  refuseUnknownAxes({ source, via }, value);
  return { value: overlay(value, rest), links: [{ source, via }, ...links] };
}

/** An axis that is `null` takes away one of the extended files; a misspelled one would do nothing. */
function refuseUnknownAxes({ source, via }: Link, extended: unknown): void {
  const [axes, inherited] = [source.value, extended].map((document) => valueUnder(document, 'matrix'));
  const known = isRecord(inherited) ? Object.keys(inherited) : [];
  const unknown = isRecord(axes)
    ? Object.keys(axes).find((path) => axes[path] === null && !known.includes(path))
    : undefined;
  if (unknown === undefined) return;
  const reason = `\`null\` takes an inherited axis away, but no file that is extended has the axis \`${unknown}\`.`;
  const location = through(locate(source, ['matrix', unknown], 'key'), via);
  throw new PipelineErrors([matrixInvalid(reason, location, didYouMean(unknown, known))]);
}

/** Whether a file writes a value above a path that is not a mapping, such as a plugin's name. It replaces what other files write below. */
function isReplaced(source: Source, path: Path): boolean {
  return path.some((_, length) => {
    const above = path.slice(0, length);
    const value = above.reduce(valueUnder, source.value);
    const isShort = isShortName(value, above) && ['use', 'with'].includes(String(path[length]));
    return length > 0 && isWritten(source, above) && !isRecord(value) && !isShort;
  });
}

/** Whether a file has a path; `use` is in a plugin's name, its short form. */
function writes(source: Source, path: Path): boolean {
  const above = path.slice(0, -1);
  return (
    isWritten(source, path) || (path.at(-1) === 'use' && isShortName(above.reduce(valueUnder, source.value), above))
  );
}

/** Whether a value is the short form of a reference to a plugin: its name. An expression may become anything. */
function isShortName(value: unknown, path: Path): value is string {
  return typeof value === 'string' && !value.includes('${') && isReferencePath(path.join('.'));
}

/** The path of the plugin whose options a path is within. */
function referenceAbove(path: Path): Path | undefined {
  const length = path.findIndex(
    (segment, index) => segment === 'with' && isReferencePath(path.slice(0, index).join('.')),
  );
  return length < 0 ? undefined : path.slice(0, length);
}

/** Takes away the monitor, the matrix, or axes of it, that are `null`. */
function withoutNulls(document: unknown): unknown {
  if (!isRecord(document)) return document;
  const entries = Object.entries(document).flatMap(([key, value]): [string, unknown][] => {
    const left = key === 'matrix' ? withoutNullAxes(value) : value;
    return left === undefined || (key === 'monitor' && left === null) ? [] : [[key, left]];
  });
  return Object.fromEntries(entries);
}

/** The matrix without axes that are `null`; nothing if none is left. */
function withoutNullAxes(matrix: unknown): unknown {
  if (matrix === null) return undefined;
  if (!isRecord(matrix)) return matrix;
  const axes = Object.entries(matrix).filter(([, values]) => values !== null);
  return axes.length === 0 && Object.keys(matrix).length > 0 ? undefined : Object.fromEntries(axes);
}

/** A place in an extended file, with the places that extend the file. */
function through(location: Location, via: readonly string[]): Location {
  return via.length === 0 ? location : { ...location, via };
}

function parseBase(file: string, bytes: Uint8Array, via: readonly string[]): Source {
  try {
    return parsePipeline(file, bytes);
  } catch (error) {
    if (!(error instanceof PipelineErrors)) throw error;
    throw new PipelineErrors(
      error.errors.map(({ code, message, details }) => {
        const location = details.location && through(details.location, via);
        return new SsqlError(code, message, { ...details, location });
      }),
    );
  }
}

/** Where links lead; the path itself of a file that does not exist. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return resolve(file);
  }
}

function valueUnder(parent: unknown, key: string | number): unknown {
  return typeof parent === 'object' && parent !== null ? (parent as Record<string, unknown>)[key] : undefined;
}

function find(base: string, from: string, location: Location): string {
  if (isFileReference(base)) return isAbsolute(base) ? base : join(dirname(from), base);
  try {
    return fileURLToPath(resolveModule(base, pathToFileURL(resolve(from)).href));
  } catch (cause) {
    throw new PipelineErrors([extendsMissing(base, dirname(from), location, cause)]);
  }
}

/** Merges `over` into `under`, with precedence for `over`. */
function overlay(under: unknown, over: unknown): unknown {
  const merged = deepMerge(under, over);
  const before = new Map(slots(under).map(({ path, value }) => [path.join('.'), nameOf(value)]));
  const overridden = new Map(slots(over).map(({ path, value }) => [path.join('.'), value]));
  for (const { path, replace } of slots(merged)) {
    const written = overridden.get(path.join('.'));
    const name = nameOf(written);
    // Another plugin: the options that the extended file writes belong to the old one.
    if (name !== undefined && before.get(path.join('.')) !== name) replace(written);
  }
  return merged;
}

function deepMerge(under: unknown, over: unknown, path: Path = []): unknown {
  if (isRecord(under) && isShortName(over, path)) return deepMerge(under, { use: over }, path);
  if (isRecord(over) && isShortName(under, path)) return deepMerge({ use: under }, over, path);
  if (!isRecord(under) || !isRecord(over)) return over;
  const merged = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over))
    merged.set(key, merged.has(key) ? deepMerge(merged.get(key), value, [...path, key]) : value);
  return Object.fromEntries(merged); // `__proto__` is a key like others
}

function nameOf(reference: unknown): string | undefined {
  if (typeof reference === 'string') return reference;
  return isRecord(reference) && typeof reference['use'] === 'string' ? reference['use'] : undefined;
}
