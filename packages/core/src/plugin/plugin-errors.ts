import { SsqlError, type ErrorDetails, type Location } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * There are no plugins of that kind.
 * @remedy Take one of the kinds that are listed.
 */
export function unknownKind(kind: string, known: readonly string[]): SsqlError {
  return new SsqlError('UNKNOWN_KIND', `There are no plugins of a kind \`${kind}\`.`, {
    hint: didYouMean(kind, known) ?? `Kinds: ${known.join(', ')}.`,
  });
}

/**
 * No loaded plugin of that kind has that name.
 * @remedy Check the name (`ssql list <kind>`), or name the package that has it in `plugins`.
 */
export function unknownPlugin(
  kind: string,
  name: string,
  known: readonly string[],
  location: Location | undefined,
): SsqlError {
  const available = known.length > 0 ? `Available: ${known.join(', ')}.` : `No plugin of kind ${kind} is loaded.`;
  const suggestion = didYouMean(name, known);
  return new SsqlError('UNKNOWN_PLUGIN', `There is no ${kind} \`${name}\`.`, {
    location,
    hint: suggestion === undefined ? available : `${suggestion} ${available}`,
  });
}

/**
 * A package or file in `plugins` was not found.
 * @remedy Install the package beside the pipeline; a file's path starts at the pipeline's folder and begins with `./`.
 */
export function pluginNotFound(reference: string, folder: string, cause?: unknown): SsqlError {
  const file = /^(\.{0,2}\/|[A-Za-z]:)/.test(reference);
  return new SsqlError(
    'PLUGIN_NOT_FOUND',
    `The plugin ${file ? 'file' : 'package'} ${reference} was not found from ${folder}.`,
    {
      reference,
      hint: file ? 'Paths start at the folder of the pipeline file.' : `Install it: npm install ${reference}`,
      cause,
    },
  );
}

/**
 * A plugin cannot be loaded, or fails in a way that it should not.
 * @remedy The message says how; tell the author of the plugin.
 */
export function pluginBroken(reference: string, reason: string, details: ErrorDetails = {}): SsqlError {
  return new SsqlError('PLUGIN_BROKEN', `${reference}: ${reason}${reason.endsWith('.') ? '' : '.'}`, {
    reference,
    ...details,
  });
}

/**
 * A plugin is for other versions of `@ssql/core`.
 * @remedy Install the version of the plugin or of ssql that the message names.
 */
export function pluginIncompatible(
  reference: string,
  kind: string,
  name: string,
  range: string,
  version: string,
): SsqlError {
  return new SsqlError(
    'PLUGIN_INCOMPATIBLE',
    `${reference}: the ${kind} \`${name}\` is for @ssql/core ${range}; this is ${version}.`,
    { reference, hint: `Install a version of ${reference} that is for this one, or another @ssql/core.` },
  );
}

/**
 * Two plugins share a kind and a name.
 * @remedy Take one of the packages out of `plugins`, or rename a plugin.
 */
export function pluginDuplicate(kind: string, name: string, first: string, second: string): SsqlError {
  const where = first === second ? `${first} has it twice` : `${first} and ${second} both have it`;
  return new SsqlError('PLUGIN_DUPLICATE', `There are two plugins for the ${kind} \`${name}\`: ${where}.`, {
    reference: second,
  });
}

/**
 * A data plugin reads the seed of the pipeline. Runs with equal data options share one dataset, whatever their seeds are.
 * @remedy Declare an option `seed` in the plugin and write `seed: ${seed}` in the pipeline.
 */
export function dataSeedUnavailable(reference: string, name: string): SsqlError {
  return new SsqlError(
    'DATA_SEED_UNAVAILABLE',
    `${reference}: the data plugin \`${name}\` reads the pipeline's seed, but runs of several seeds share their data.`,
    { reference, hint: 'Declare an option `seed` in the plugin, and write `seed: ${seed}` in the pipeline.' },
  );
}
