import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { SsqlError, type Location } from '../errors.js';
import { didYouMean, nearestName } from '../nearest-name.js';
import { isFileReference } from '../plugin/is-file-reference.js';

/**
 * `extends` is neither a file nor a list of files.
 * @remedy Write `extends: ./base.yaml`, or a list of files.
 */
export function extendsInvalid(location: Location): SsqlError {
  return new SsqlError('EXTENDS_INVALID', 'Expected a file or a list of files at `extends`.', { location });
}

/**
 * A file that the pipeline extends does not exist, or cannot be read.
 * @remedy Start the path of a file with `./`. To extend a file of an installed package, start with the package's name.
 */
export function extendsMissing(base: string, folder: string, location: Location, cause?: unknown): SsqlError {
  const [reason, hint] = reasonOfMissing(base, resolve(folder, base));
  return new SsqlError('EXTENDS_MISSING', reason, { location, hint, cause });
}

function reasonOfMissing(base: string, path: string): [reason: string, hint?: string] {
  if (!isFileReference(base))
    return [
      `No installed package has the pipeline file to extend, ${base}.`,
      existsSync(path)
        ? `There is a file of this name: write \`./${base}\`.`
        : "Start the path of a file with `./`. To extend a file of an installed package, start with the package's name.",
    ];
  const file = `The pipeline file to extend, ${base},`;
  if (existsSync(path))
    return statSync(path).isDirectory() ? [`${file} is a folder.`, 'Name a file in it.'] : [`${file} cannot be read.`];
  const near = nearestName(basename(path), namesIn(dirname(path)));
  return [
    `${file} does not exist.`,
    near === undefined
      ? 'The path is relative to the folder of the file that extends it.'
      : `Did you mean \`${base.slice(0, -basename(path).length)}${near}\`?`,
  ];
}

/** The names in a folder; none if it cannot be read, or is a file. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Pipeline files extend each other in a cycle, perhaps through links.
 * @remedy Remove one of the `extends`.
 */
export function extendsCycle(files: readonly string[], last: string, location: Location): SsqlError {
  const names = files.map((file) => basename(file));
  const link = names.at(-1) === basename(last) ? '' : ` (a link to ${basename(last)})`;
  return new SsqlError('EXTENDS_CYCLE', `Pipeline files extend each other in a cycle: ${names.join(' -> ')}${link}.`, {
    location,
  });
}

/**
 * A pipeline extends too many files, directly and through other files.
 * @remedy Extend fewer files.
 */
export function extendsTooMany(limit: number, location: Location): SsqlError {
  return new SsqlError('EXTENDS_TOO_MANY', `The pipeline extends more than ${limit} files.`, {
    location,
    hint: 'A file that two others extend counts twice.',
  });
}

/**
 * An argument of `--set` is malformed, or its path does not exist in the pipeline.
 * @remedy Write `path=value`, `path.+=value` or `~path`; `ssql print <file>` shows the paths.
 */
export function overrideInvalid(reason: string, location: Location, hint?: string): SsqlError {
  return new SsqlError('OVERRIDE_INVALID', reason, { location, hint });
}

/**
 * An expression `${...}` is malformed, or is not allowed there.
 * @remedy Fix the expression at the reported place.
 */
export function interpolationInvalid(reason: string, location: Location, hint?: string): SsqlError {
  return new SsqlError('INTERPOLATION_INVALID', reason, { location, hint });
}

/**
 * An expression `${...}` refers to a value that does not exist.
 * @remedy Use the suggested name. `ssql print <file>` shows the paths.
 */
export function interpolationUnknown(
  expression: string,
  missing: string,
  known: readonly string[],
  location: Location,
): SsqlError {
  return new SsqlError('INTERPOLATION_UNKNOWN', `\`\${${expression}}\`: the pipeline has no \`${missing}\` there.`, {
    location,
    hint: didYouMean(missing, known) ?? (known.length > 0 ? `Known keys: ${known.join(', ')}.` : undefined),
  });
}

/**
 * Expressions refer to each other in a cycle.
 * @remedy Replace one of the expressions by its value.
 */
export function interpolationCycle(paths: readonly string[], location: Location): SsqlError {
  return new SsqlError('INTERPOLATION_CYCLE', `Values refer to each other in a cycle: ${paths.join(' -> ')}.`, {
    location,
  });
}

/**
 * The matrix is malformed, or one of its paths does not exist in the pipeline.
 * @remedy Fix the reported entry.
 */
export function matrixInvalid(reason: string, location: Location, hint?: string): SsqlError {
  return new SsqlError('MATRIX_INVALID', reason, { location, hint });
}

/**
 * `labels` gives two runs the same label, so that results could not be told apart.
 * @remedy Give each run a label that no other run has.
 */
export function labelDuplicate(label: string, location: Location): SsqlError {
  return new SsqlError('LABEL_DUPLICATE', `Two runs have the label \`${label}\`.`, {
    location,
    hint: 'Give each run a label that no other run has.',
  });
}

/**
 * `labels` renames a part that no run label contains.
 * @remedy Use one of the listed parts. `ssql print <file>` shows the labels.
 */
export function labelUnknown(label: string, known: readonly string[], location: Location): SsqlError {
  return new SsqlError('LABEL_UNKNOWN', `No run label contains \`${label}\`.`, {
    location,
    hint: didYouMean(label, known) ?? `Parts of labels: ${known.map((part) => `\`${part}\``).join(', ')}.`,
  });
}
