import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SsqlError, type ErrorDetails, type Location } from '../errors.js';
import { didYouMean } from '../nearest-name.js';
import { isFileReference } from './is-file-reference.js';

/**
 * No loaded plugin has that kind.
 * @remedy Use one of the listed kinds.
 */
export function unknownKind(kind: string, known: readonly string[]): SsqlError {
  return new SsqlError('UNKNOWN_KIND', `Unknown kind \`${kind}\`.`, {
    hint: didYouMean(kind, known) ?? `Kinds: ${known.join(', ')}.`,
  });
}

/**
 * No loaded plugin of that kind has that name.
 * @remedy Check the name (`ssql list <kind>`), or add the package of the plugin to `plugins`.
 */
export function unknownPlugin(
  kind: string,
  name: string,
  known: readonly string[],
  location: Location | undefined,
  elsewhere?: { readonly kind: string; readonly place: string },
): SsqlError {
  const available =
    known.length === 0
      ? `No plugin of kind ${kind} is loaded.`
      : known.length > MOST_NAMES
        ? '`ssql list` shows their names.'
        : `Available: ${known.join(', ')}.`;
  const suggestion =
    elsewhere === undefined
      ? didYouMean(name, known)
      : `\`${name}\` is of the kind ${elsewhere.kind}; its place is \`${elsewhere.place}\`.`;
  return new SsqlError('UNKNOWN_PLUGIN', `Unknown ${kind} \`${name}\`.`, {
    location,
    hint: suggestion === undefined ? available : `${suggestion} ${available}`,
  });
}

/** Longer lists are not read. */
const MOST_NAMES = 20;

/**
 * A package in `plugins` does not say that it has plugins, so none of its code was run: a pipeline must not run any package that happens to
 * be installed.
 * @remedy Check the name. A package of plugins depends on `@ssql/core`, or has the keyword `ssql-plugin` in its package.json.
 */
export function pluginForeign(reference: string): SsqlError {
  return new SsqlError(
    'PLUGIN_FOREIGN',
    `The package ${reference} does not say that it has plugins. It was not loaded.`,
    {
      reference,
      hint: 'Check the name. A package of plugins depends on `@ssql/core`, or has the keyword `ssql-plugin`, in its package.json.',
    },
  );
}

/**
 * A package or file in `plugins` was not found.
 * @remedy Check the spelling. Install a package next to the pipeline only if you trust it. Start the path of a file with `./`; it is relative to the pipeline's folder.
 */
export function pluginNotFound(reference: string, folder: string, cause?: unknown): SsqlError {
  const file = isFileReference(reference);
  const isFolder = file && existsSync(resolve(folder, reference));
  const hint = isFolder
    ? `It is a folder. Name a file in it: \`${reference.replace(/\/$/, '')}/index.js\`.`
    : file
      ? "Paths are relative to the pipeline's folder."
      : existsSync(join(folder, reference))
        ? `There is a file of this name: write \`./${reference}\`.`
        : /\.[cm]?[jt]s$/.test(reference)
          ? `For a file, write \`./${reference}\`.`
          : 'Check the spelling. Install the package next to the pipeline only if you trust it.';
  return new SsqlError('PLUGIN_NOT_FOUND', `Plugin ${file ? 'file' : 'package'} ${reference} not found in ${folder}.`, {
    reference,
    hint,
    cause,
  });
}

/**
 * An entry of `plugins` is neither the name of a package nor the path of a file. URLs are never imported.
 * @remedy Write the name of an installed package, or a path that starts with `./`.
 */
export function pluginReferenceInvalid(reference: string): SsqlError {
  const shown = reference.length > 60 ? `${reference.slice(0, 60)}…` : reference;
  return new SsqlError('PLUGIN_REFERENCE_INVALID', `\`${shown}\` is neither a package nor a file.`, {
    reference,
    hint: 'Write the name of an installed package, or the path of a file: ./plugin.js. URLs are never imported.',
  });
}

/**
 * A plugin cannot be loaded, or violates the plugin contract.
 * @remedy Fix the plugin as the message describes, or report the error to its author.
 */
export function pluginBroken(reference: string, reason: string, details: ErrorDetails = {}): SsqlError {
  return new SsqlError('PLUGIN_BROKEN', `${reference}: ${reason}${reason.endsWith('.') ? '' : '.'}`, {
    reference,
    ...details,
  });
}

/**
 * A plugin requires other versions of `@ssql/core`.
 * @remedy Use versions of the plugin and of `@ssql/core` that fit each other.
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
    `${reference}: the ${kind} \`${name}\` requires @ssql/core ${range}; this is ${version}.`,
    { reference, hint: `Use a version of ${reference} for @ssql/core ${version}, or @ssql/core ${range}.` },
  );
}

/**
 * Two plugins have the same kind and name.
 * @remedy Remove one of the packages from `plugins`, or rename a plugin.
 */
export function pluginDuplicate(kind: string, name: string, first: string, second: string): SsqlError {
  const where = first === second ? `${first} defines it twice` : `${first} and ${second} both define it`;
  return new SsqlError('PLUGIN_DUPLICATE', `Duplicate ${kind} \`${name}\`: ${where}.`, {
    reference: second,
  });
}

/**
 * A data plugin reads the seed of the pipeline. Runs with equal data options share one dataset across seeds.
 * @remedy Declare an option `seed` in the plugin and write `seed: ${seed}` in the pipeline.
 */
export function dataSeedUnavailable(reference: string, name: string): SsqlError {
  return new SsqlError(
    'DATA_SEED_UNAVAILABLE',
    `${reference}: the data plugin \`${name}\` reads the pipeline's seed, but runs with different seeds share their data.`,
    { reference, hint: 'Declare an option `seed` in the plugin, and write `seed: ${seed}` in the pipeline.' },
  );
}
