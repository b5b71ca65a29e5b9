import { statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolveModule } from 'import-meta-resolve';
import { satisfies, validRange } from 'semver';
import { PipelineErrors, SsqlError } from '../errors.js';
import { refuseSpecialFile } from '../regular-file.js';
import { isCount, isRecord, messageOf } from '../values.js';
import { hashImportGraph, isInstalled, packageOf } from './import-graph.js';
import {
  pluginBroken,
  pluginForeign,
  pluginIncompatible,
  pluginNotFound,
  pluginReferenceInvalid,
} from './plugin-errors.js';
import { awaiting } from './pending.js';
import { isFileReference, isPackageReference } from './is-file-reference.js';
import { readVersion } from '../version.js';
import { syntaxErrorLine } from './syntax-error-line.js';
import type { AnyPlugin, DataFile } from './contract.js';
import { createRegistry, type PluginPackage, type Registry } from './registry.js';

/** Loads the plugins that a pipeline in a folder names. */
export type Discover = (references: readonly string[], folder: string) => Promise<Registry>;

/** The implicit first entry of `plugins` in each pipeline. */
const BUILT_IN_PLUGINS = '@ssql/plugins';

/** The registry of the built-in plugins and of the named packages and files. */
export const discoverRegistry: Discover = async (references, folder) =>
  createRegistry(await discoverPlugins(references, folder));

/**
 * Imports the built-in plugins, then the named packages and files.
 * @throws PipelineErrors PLUGIN_NOT_FOUND, PLUGIN_FOREIGN, PLUGIN_BROKEN, PLUGIN_INCOMPATIBLE: one for each reference that fails.
 */
function discoverPlugins(references: readonly string[], folder: string): Promise<readonly PluginPackage[]> {
  return importPlugins([BUILT_IN_PLUGINS, ...references], folder);
}

/**
 * Imports the named packages and files (`./…`, relative to the folder), each once. It does not search for other plugins.
 * @throws PipelineErrors PLUGIN_NOT_FOUND, PLUGIN_FOREIGN, PLUGIN_BROKEN, PLUGIN_INCOMPATIBLE: one for each reference that fails.
 */
export async function importPlugins(references: readonly string[], folder: string): Promise<readonly PluginPackage[]> {
  const names = [...new Set(references)];
  const outcomes = await Promise.allSettled(names.map((name) => importPackage(name, resolve(folder))));
  const packages: PluginPackage[] = [];
  const errors: SsqlError[] = [];
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') packages.push(outcome.value);
    else if (outcome.reason instanceof SsqlError) errors.push(outcome.reason);
    else throw outcome.reason;
  }
  if (errors.length > 0) throw new PipelineErrors(errors);
  return packages;
}

async function importPackage(reference: string, folder: string): Promise<PluginPackage> {
  const url = find(reference, folder);
  if (!isFileReference(reference) && packageOf(fileURLToPath(url))?.hasPlugins === false)
    throw pluginForeign(reference);
  let module: {
    readonly plugins?: unknown;
    readonly base?: unknown;
    readonly companions?: unknown;
    readonly example?: unknown;
  };
  try {
    module = (await awaiting(`the import of ${reference}`, import(url))) as typeof module;
  } catch (cause) {
    const line = cause instanceof SyntaxError ? syntaxErrorLine(fileURLToPath(url)) : undefined;
    const where = line === undefined ? '' : ` (line ${line})`;
    throw pluginBroken(reference, `it cannot be imported: ${messageOf(cause)}${where}`, { cause });
  }
  const listed = listOf(module);
  if (listed === undefined) {
    throw pluginBroken(reference, 'it does not export an array named `plugins`', {
      hint: 'Add `export const plugins = [definePlugin({ … })];`.',
    });
  }
  // With `entries`, holes of the array are elements too.
  for (const [index, plugin] of listed.entries()) {
    const fault = faultOfAny(plugin);
    if (fault !== undefined)
      throw pluginBroken(reference, `plugins[${index}] ${fault}`, { hint: 'Make plugins with definePlugin.' });
  }
  const plugins = listed as readonly AnyPlugin[]; // `faultOf` has checked each
  for (const { kind, name, core } of plugins) {
    if (core !== undefined && !satisfies(readVersion(), core, { includePrerelease: true }))
      throw pluginIncompatible(reference, kind, name, core, readVersion());
  }
  const version = await versionOf(reference, fileURLToPath(url));
  if (reference !== BUILT_IN_PLUGINS) return { name: reference, version, plugins };
  // Our own package: tests check it against the schema of pipelines.
  const { base, companions, example } = module as Pick<PluginPackage, 'base' | 'companions' | 'example'>;
  return {
    name: reference,
    version,
    plugins,
    ...(base && { base }),
    ...(companions && { companions }),
    ...(example && { example }),
  };
}

function find(reference: string, folder: string): string {
  if (isFileReference(reference)) {
    const file = resolve(folder, reference);
    refuseSpecialFile(file, { reference });
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() !== false) throw pluginNotFound(reference, folder);
    return pathToFileURL(file).href;
  }
  if (!isPackageReference(reference)) throw pluginReferenceInvalid(reference);
  // A package is installed next to the pipeline; the built-in one may also be next to core.
  const parents = [
    pathToFileURL(join(folder, 'pipeline.yaml')).href,
    ...(reference === BUILT_IN_PLUGINS ? [import.meta.url] : []),
  ];
  let cause: unknown;
  for (const parent of parents) {
    try {
      return resolveModule(reference, parent);
    } catch (error) {
      cause = error;
    }
  }
  throw pluginNotFound(reference, folder, cause);
}

/** The version of a package; for a file, a hash of it and of what it imports; both for a linked package, whose files may be edited. */
async function versionOf(reference: string, file: string): Promise<string> {
  const hash = async (): Promise<string> => `sha256:${(await hashImportGraph(file)).slice(0, 12)}`;
  if (isFileReference(reference)) return hash();
  const version = packageOf(file)?.version ?? 'unknown';
  return isInstalled(file) || reference === BUILT_IN_PLUGINS ? version : `${version} ${await hash()}`;
}

/** A copy of the list that a module exports: reading a proxy may throw. */
function listOf({ plugins }: { readonly plugins?: unknown }): readonly unknown[] | undefined {
  try {
    return Array.isArray(plugins) ? Array.from(plugins as readonly unknown[]) : undefined;
  } catch {
    return undefined;
  }
}

/** `faultOf` of whatever a package exports: its getters may throw. */
function faultOfAny(plugin: unknown): string | undefined {
  try {
    return faultOf(plugin);
  } catch (error) {
    return `cannot be read: ${messageOf(error)}`;
  }
}

function faultOf(plugin: unknown): string | undefined {
  if (typeof plugin !== 'object' || plugin === null) return 'is not an object';
  const { kind, name, title, summary, core, options, serves, neutral, files, create, check, fingerprint } = plugin as {
    readonly [key: string]: unknown;
  };
  if (typeof kind !== 'string' || kind === '') return 'has no kind';
  // The kind is a key of pipelines, and part of paths in them.
  if (!/^[a-z][A-Za-z0-9-]*$/.test(kind))
    return `has the kind \`${kind}\`; expected letters, digits and hyphens, starting with a lower-case letter`;
  if (typeof name !== 'string' || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return 'has no kebab-case name';
  if (typeof summary !== 'string') return `(${kind} \`${name}\`) has no summary`;
  if (title !== undefined && typeof title !== 'string') return `(${kind} \`${name}\`) has a \`title\` that is no text`;
  if (serves !== undefined && !isServes(serves))
    return `(${kind} \`${name}\`) has a \`serves\` other than \`{ bits: { min, max }, operands }\``;
  if (core !== undefined && (typeof core !== 'string' || validRange(core) === null))
    return `(${kind} \`${name}\`) has a \`core\` that is not a version range`;
  if (typeof options !== 'object' || options === null) return `(${kind} \`${name}\`) has no options schema`;
  const known = Object.keys(Object((options as { readonly properties?: unknown }).properties) as object);
  if (neutral !== undefined && !(Array.isArray(neutral) && neutral.every((option) => known.includes(option as string))))
    return `(${kind} \`${name}\`) has a \`neutral\` that is not a list of its options`;
  if (files !== undefined && !isDataFiles(files))
    return `(${kind} \`${name}\`) has a \`files\` that is not a list of \`{ url, md5, strip }\` with http addresses that end in different names`;
  if (typeof create !== 'function') return `(${kind} \`${name}\`) has no create function`;
  for (const [member, value] of Object.entries({ check, fingerprint }))
    if (value !== undefined && typeof value !== 'function')
      return `(${kind} \`${name}\`) has a \`${member}\` that is not a function`;
  return undefined;
}

function isServes(serves: unknown): boolean {
  if (!isRecord(serves)) return false;
  const { bits, operands, ...rest } = serves;
  const known: readonly unknown[] = ['weights', 'activations'];
  const range = isRecord(bits) && isCount(bits['min'], 1) && isCount(bits['max'], Number(bits['min']));
  const sides = Array.isArray(operands) && operands.length > 0 && operands.every((operand) => known.includes(operand));
  return Object.keys(rest).length === 0 && (bits === undefined || range) && (operands === undefined || sides);
}

function isDataFiles(files: unknown): boolean {
  if (!Array.isArray(files) || !files.every(isDataFile)) return false;
  const names = files.map(({ url }) => basename(new URL(url).pathname));
  return !names.includes('') && new Set(names).size === names.length;
}

function isDataFile(file: unknown): file is DataFile {
  if (!isRecord(file)) return false;
  const { url, md5, strip = 0 } = file;
  const isAddress = typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  return isAddress && /^[\da-f]{32}$/.test(String(md5)) && isCount(strip, 0);
}
