import { basename } from 'node:path';
import { SsqlError, type Location } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * `extends` is neither a file nor a list of files.
 * @remedy Write `extends: ./base.yaml`, or a list of such.
 */
export function extendsInvalid(location: Location): SsqlError {
  return new SsqlError('EXTENDS_INVALID', 'Expected a file or a list of files at `extends`.', { location });
}

/**
 * A file that the pipeline extends does not exist.
 * @remedy A file beside this one begins with `./`; one of a package with the name of the package, which must be installed.
 */
export function extendsMissing(base: string, location: Location, cause?: unknown): SsqlError {
  return new SsqlError('EXTENDS_MISSING', `There is no pipeline file ${base} to extend.`, {
    location,
    hint: 'A file beside this one begins with `./`; one of a package with the name of the package.',
    cause,
  });
}

/**
 * Pipeline files extend each other in a circle.
 * @remedy Take one of the links away.
 */
export function extendsCycle(files: readonly string[], location: Location): SsqlError {
  return new SsqlError(
    'EXTENDS_CYCLE',
    `Pipeline files extend each other: ${files.map((file) => basename(file)).join(' -> ')}.`,
    {
      location,
    },
  );
}

/**
 * The files that a pipeline extends, and those that they extend, are too many.
 * @remedy Extend fewer files.
 */
export function extendsTooMany(limit: number, location: Location): SsqlError {
  return new SsqlError('EXTENDS_TOO_MANY', `The pipeline extends more than ${limit} files.`, {
    location,
    hint: 'A file that is extended by two others is read twice.',
  });
}

/**
 * An argument of `--set` cannot be read, or leads to nothing in the pipeline.
 * @remedy Write `path=value`, `path.+=value` or `~path`; `ssql print <file>` shows the paths.
 */
export function overrideInvalid(reason: string, location: Location, hint?: string): SsqlError {
  return new SsqlError('OVERRIDE_INVALID', reason, { location, hint });
}

/**
 * An expression `${...}` cannot be read, or stands where none may.
 * @remedy Mend the expression at the place that is shown.
 */
export function interpolationInvalid(reason: string, location: Location, hint?: string): SsqlError {
  return new SsqlError('INTERPOLATION_INVALID', reason, { location, hint });
}

/**
 * An expression `${...}` refers to a value, a variable of the environment or a function that there is not.
 * @remedy Take the suggested name; `ssql print <file>` shows the paths.
 */
export function interpolationUnknown(
  expression: string,
  missing: string,
  known: readonly string[],
  location: Location,
): SsqlError {
  return new SsqlError('INTERPOLATION_UNKNOWN', `\`\${${expression}}\`: the pipeline has no \`${missing}\` there.`, {
    location,
    hint: didYouMean(missing, known) ?? (known.length > 0 ? `There is: ${known.join(', ')}.` : undefined),
  });
}

/**
 * Expressions refer to each other in a circle.
 * @remedy Write one of the values out.
 */
export function interpolationCycle(paths: readonly string[], location: Location): SsqlError {
  return new SsqlError('INTERPOLATION_CYCLE', `Values refer to each other: ${paths.join(' -> ')}.`, { location });
}

/**
 * The matrix cannot be read, or an entry of it leads to nothing in the pipeline.
 * @remedy Mend the entry that is shown.
 */
export function matrixInvalid(reason: string, location: Location, hint?: string): SsqlError {
  return new SsqlError('MATRIX_INVALID', reason, { location, hint });
}

/**
 * `labels` names a part that no run label has.
 * @remedy Use one of the parts that are listed; `ssql print <file>` shows the labels.
 */
export function labelUnknown(label: string, known: readonly string[], location: Location): SsqlError {
  return new SsqlError('LABEL_UNKNOWN', `No run is labelled \`${label}\`.`, {
    location,
    hint: didYouMean(label, known) ?? `Parts of labels: ${known.map((part) => `\`${part}\``).join(', ')}.`,
  });
}
