import { basename } from 'node:path';
import { nearestName } from './nearest-name.js';

/** Where in a pipeline file an error is. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The lines around the place, with a pointer, ready to print. */
  readonly frame: string;
  /** Where the file was extended from, the outermost first. */
  readonly via?: readonly string[];
}

export interface ErrorDetails {
  readonly place?: Place | undefined;
  /** What to do about it; the nearest right name. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** The entry of `plugins` that the error is about. */
  readonly reference?: string | undefined;
}

/** An error of the user's making or of their machine: it has a code, and a place where there is one. */
export class SsqlError extends Error {
  override readonly name = 'SsqlError';
  constructor(
    readonly code: string,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
  }
}

/** All problems of a pipeline, in the order of their places. */
export class PipelineErrors extends AggregateError {
  override readonly name = 'PipelineErrors';
  declare readonly errors: readonly SsqlError[] & Error[];
  constructor(errors: readonly SsqlError[]) {
    super(errors, errors.map((error) => error.message).join('\n'));
  }
}

/** The same error, found at a place. */
export function withPlace(error: SsqlError, place: Place | undefined): SsqlError {
  const placed = new SsqlError(error.code, error.message, { ...error.details, place: error.details.place ?? place });
  return Object.assign(placed, { stack: error.stack });
}

/** Does what may fail; an error of it without a place is at this one. */
export function atPlace<T>(place: Place | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof SsqlError ? withPlace(error, place) : error;
  }
}

export function pipelineFileMissing(file: string, cause?: unknown): SsqlError {
  return new SsqlError('PIPELINE_FILE_MISSING', `There is no pipeline file ${file}.`, { cause });
}

export function pipelineTooLarge(file: string, bytes: number, limit: number): SsqlError {
  return new SsqlError(
    'PIPELINE_TOO_LARGE',
    `The pipeline file ${file} has ${bytes} bytes; at most ${limit} are read.`,
  );
}

export function pipelineNotUtf8(place: Place): SsqlError {
  return new SsqlError('PIPELINE_NOT_UTF8', 'The pipeline file is not UTF-8 text.', {
    place,
    hint: 'Save the file as UTF-8.',
  });
}

export function yamlSyntax(reason: string, place: Place): SsqlError {
  return new SsqlError('YAML_SYNTAX', reason, { place });
}

export function yamlDuplicateKey(place: Place): SsqlError {
  return new SsqlError('YAML_DUPLICATE_KEY', 'The same key is written twice.', { place, hint: 'Keep one of the two.' });
}

export function yamlAliases(place: Place): SsqlError {
  return new SsqlError('YAML_ALIASES', 'The aliases of the file refer to themselves or unfold to too many values.', {
    place,
  });
}

export function unknownKey(key: string, where: string, known: readonly string[], place: Place): SsqlError {
  const keys = known.length > 0 ? `Known keys: ${known.join(', ')}.` : 'No keys are known here.';
  return new SsqlError('UNKNOWN_KEY', `Unknown key \`${key}\` in ${where}.`, {
    place,
    hint: didYouMean(key, known) ?? keys,
  });
}

export function missingKey(key: string, where: string, place: Place): SsqlError {
  return new SsqlError('MISSING_KEY', `Missing key \`${key}\` in ${where}.`, { place });
}

export function wrongType(expected: string, found: string, where: string, place: Place): SsqlError {
  return new SsqlError('WRONG_TYPE', `Expected ${expected} at ${where}, found ${found}.`, { place });
}

export function outOfRange(expected: string, found: string, where: string, place: Place): SsqlError {
  return new SsqlError('OUT_OF_RANGE', `Expected ${expected} at ${where}, found ${found}.`, { place });
}

export function optionInvalid(expected: string, found: string, where: string, place: Place, hint?: string): SsqlError {
  return new SsqlError('OPTION_INVALID', `Expected ${expected} at ${where}, found ${found}.`, { place, hint });
}

export function precisionInvalid(found: string, where: string, place: Place): SsqlError {
  return new SsqlError('PRECISION_INVALID', `Expected a precision at ${where}, found ${found}.`, {
    place,
    hint: 'Precisions are written `float`, `w4a8`, `w4` or `a8`, with 1 to 16 bits.',
  });
}

export function unknownPlugin(
  kind: string,
  name: string,
  known: readonly string[],
  place: Place | undefined,
): SsqlError {
  const available = known.length > 0 ? `Available: ${known.join(', ')}.` : `No plugin of kind ${kind} is loaded.`;
  const suggestion = didYouMean(name, known);
  return new SsqlError('UNKNOWN_PLUGIN', `There is no ${kind} \`${name}\`.`, {
    place,
    hint: suggestion === undefined ? available : `${suggestion} ${available}`,
  });
}

export function extendsInvalid(place: Place): SsqlError {
  return new SsqlError('EXTENDS_INVALID', 'Expected a file or a list of files at `extends`.', { place });
}

export function extendsMissing(base: string, place: Place, cause?: unknown): SsqlError {
  return new SsqlError('EXTENDS_MISSING', `There is no pipeline file ${base} to extend.`, {
    place,
    hint: 'A file beside this one begins with `./`; one of a package with the name of the package.',
    cause,
  });
}

export function extendsCycle(files: readonly string[], place: Place): SsqlError {
  return new SsqlError(
    'EXTENDS_CYCLE',
    `Pipeline files extend each other: ${files.map((file) => basename(file)).join(' -> ')}.`,
    {
      place,
    },
  );
}

export function unknownKind(kind: string, known: readonly string[]): SsqlError {
  return new SsqlError('UNKNOWN_KIND', `There are no plugins of a kind \`${kind}\`.`, {
    hint: didYouMean(kind, known) ?? `Kinds: ${known.join(', ')}.`,
  });
}

export function overrideInvalid(reason: string, place: Place, hint?: string): SsqlError {
  return new SsqlError('OVERRIDE_INVALID', reason, { place, hint });
}

export function matrixInvalid(reason: string, place: Place, hint?: string): SsqlError {
  return new SsqlError('MATRIX_INVALID', reason, { place, hint });
}

export function pinUnmatched(pattern: string, sites: readonly string[], place: Place | undefined): SsqlError {
  return new SsqlError('PIN_UNMATCHED', `The pin \`${pattern}\` matches no quantization site.`, {
    place,
    hint: didYouMean(pattern, sites) ?? `Sites: ${sites.join(', ')}.`,
  });
}

export function networkInvalid(reason: string): SsqlError {
  return new SsqlError('NETWORK_INVALID', `The network cannot be built: ${reason}.`);
}

export function batchTooLarge(batch: number, images: number, place: Place | undefined): SsqlError {
  return new SsqlError('BATCH_TOO_LARGE', `A batch has ${batch} images, but there are ${images} to train on.`, {
    place,
  });
}

export function lossNotFinite(loss: number, step: number, epoch: number, saved: number): SsqlError {
  return new SsqlError('LOSS_NOT_FINITE', `The loss is ${loss} at step ${step} (epoch ${epoch + 1}).`, {
    hint: divergenceHint(saved),
  });
}

export function weightsNotFinite(step: number, saved: number): SsqlError {
  return new SsqlError('WEIGHTS_NOT_FINITE', `Weights are not finite after step ${step}; they were not saved.`, {
    hint: divergenceHint(saved),
  });
}

function divergenceHint(saved: number): string {
  const kept =
    saved > 0 ? `The checkpoint of step ${saved} is kept; its learning rate led here. ` : 'Nothing was saved yet. ';
  return `${kept}Start a run with a lower learning rate, or with a warm-up.`;
}

export function checkpointMismatch(what: string): SsqlError {
  return new SsqlError('CHECKPOINT_MISMATCH', `The checkpoint is not one of this pipeline: ${what}.`, {
    hint: 'Start the run anew with --fresh.',
  });
}

export function runUnfinished(folder: string): SsqlError {
  return new SsqlError('RUN_UNFINISHED', `${folder} holds an unfinished run`, {
    hint: 'Go on with it: `--resume`. Start it anew: `--fresh`.',
  });
}

export function runInUse(folder: string): SsqlError {
  return new SsqlError('RUN_IN_USE', `Another process is at work on ${folder}.`, {
    hint: `Wait for it or stop it. If there is none, remove ${folder}/lock.`,
  });
}

export function runOutdated(folder: string): SsqlError {
  return new SsqlError(
    'RUN_OUTDATED',
    `${folder} was trained by another version of ssql or of a plugin, or on other data.`,
    {
      hint: 'Start it anew with --fresh, or move the folder away.',
    },
  );
}

export function notCalibrated(site: string): SsqlError {
  return new SsqlError(
    'NOT_CALIBRATED',
    `The output ${site} is quantized, but no float pass came before that observed it.`,
    {
      hint: "A wrapper runs the float branch first: its passes calibrate the step's quantized branches.",
    },
  );
}

export function headUnknown(name: string, known: readonly string[]): SsqlError {
  return new SsqlError('HEAD_UNKNOWN', `The method has no head \`${name}\`.`, {
    hint: didYouMean(name, known) ?? `Its heads: ${known.join(', ')}.`,
  });
}

export function samplerInvalid(drawn: string, sets: string): SsqlError {
  return new SsqlError('SAMPLER_INVALID', `The sampler drew ${drawn}; expected bit widths of ${sets}.`);
}

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

export function pluginBroken(reference: string, reason: string, details: ErrorDetails = {}): SsqlError {
  return new SsqlError('PLUGIN_BROKEN', `${reference}: ${reason}${reason.endsWith('.') ? '' : '.'}`, {
    reference,
    ...details,
  });
}

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

export function pluginDuplicate(kind: string, name: string, first: string, second: string): SsqlError {
  const where = first === second ? `${first} has it twice` : `${first} and ${second} both have it`;
  return new SsqlError('PLUGIN_DUPLICATE', `There are two plugins for the ${kind} \`${name}\`: ${where}.`, {
    reference: second,
  });
}

function didYouMean(name: string, known: readonly string[]): string | undefined {
  const nearest = nearestName(name, known);
  return nearest === undefined ? undefined : `Did you mean \`${nearest}\`?`;
}
