import { PipelineErrors, SsqlError, withLocation } from '../errors.js';
import type { Discover } from '../plugin/discover.js';
import { pluginBroken } from '../plugin/plugin-errors.js';
import type { Registry } from '../plugin/registry.js';
import { extendSource } from './extend.js';
import { interpolate, isInterpolated, type EnvironmentText, type Variables } from './interpolate.js';
import { MOST_VALUES } from './matrix-definition.js';
import type { Written } from './origin.js';
import { copy, parsePipeline } from './parse.js';
import { isRecord, misnamedKinds } from './references.js';
import { readPipelineFile } from './read-pipeline-file.js';

/**
 * The packages and files in `plugins` of a pipeline file and the files that it extends. Nothing else is checked.
 * @throws PipelineErrors if the file, or one that it extends, cannot be read
 */
export async function namedPlugins(file: string, variables: Variables = process.env): Promise<readonly string[]> {
  const { value } = await extendSource(parsePipeline(file, await readPipelineFile(file)));
  resolvePlugins(value, variables);
  return listedPlugins(value).filter(isPluginReference);
}

/**
 * Resolves expressions in `plugins`, which are loaded before the matrix is expanded. Failures are reported later.
 * @returns those with values of the environment
 */
export function resolvePlugins(document: unknown, variables: Variables): readonly EnvironmentText[] {
  if (!isRecord(document) || !Array.isArray(document['plugins']) || !document['plugins'].some(isInterpolated))
    return [];
  const resolved = copy(document) as Record<string, unknown>; // a copy of a mapping
  const { environment } = interpolate(resolved, variables, MOST_VALUES);
  document['plugins'] = resolved['plugins'];
  return environment.filter(({ path }) => path[0] === 'plugins');
}

/** Loads the plugins that a document lists; each failure becomes an error at its place in the list. */
export async function loadListed(
  plugins: Discover,
  document: unknown,
  folder: string,
  source: Written,
  errors: SsqlError[],
): Promise<Registry | undefined> {
  const listed = listedPlugins(document);
  const references = listed.filter(isPluginReference);
  try {
    const registry = await plugins(references, folder);
    const misnamed = misnamedKinds(registry).map(({ kind, name }) =>
      pluginBroken(
        registry.packageOf(kind, name)?.name ?? name,
        `\`${name}\` has the kind \`${kind}\`, which is a reserved key of pipelines`,
        { hint: 'Rename the kind.' },
      ),
    );
    if (misnamed.length > 0) throw new PipelineErrors(misnamed);
    return registry;
  } catch (error) {
    const failures = error instanceof PipelineErrors ? error.errors : [error];
    for (const failure of failures) {
      if (!(failure instanceof SsqlError)) throw failure;
      const index = listed.indexOf(failure.details.reference);
      errors.push(withLocation(failure, index < 0 ? undefined : source.location(['plugins', index])));
    }
    return undefined;
  }
}

function listedPlugins(document: unknown): readonly unknown[] {
  return isRecord(document) && Array.isArray(document['plugins']) ? document['plugins'] : [];
}

function isPluginReference(value: unknown): value is string {
  return typeof value === 'string' && !isInterpolated(value);
}
