import { basename } from 'node:path';
import { didYouMean } from './nearest-name.js';

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

/** The same error, found at a place; what to do about it where the error does not say. */
export function withPlace(error: SsqlError, place: Place | undefined, hint?: string): SsqlError {
  const { code, message, details, stack } = error;
  const added = { place: details.place ?? place, hint: details.hint ?? hint };
  return Object.assign(new SsqlError(code, message, { ...details, ...added }), { stack });
}

/** Does what may fail; an error of it without a place is at this one. */
export function atPlace<T>(place: Place | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof SsqlError ? withPlace(error, place) : error;
  }
}

/**
 * The pipeline file that was named does not exist or cannot be read.
 * @remedy Check the path; it starts at the folder that the command runs in.
 */
export function pipelineFileMissing(file: string, cause?: unknown): SsqlError {
  return new SsqlError('PIPELINE_FILE_MISSING', `There is no pipeline file ${file}.`, { cause });
}

/**
 * The pipeline file is larger than any that a person writes; it is not read.
 * @remedy Check that the path names a pipeline. Data belong in files of their own.
 */
export function pipelineTooLarge(file: string, bytes: number, limit: number): SsqlError {
  return new SsqlError(
    'PIPELINE_TOO_LARGE',
    `The pipeline file ${file} has ${bytes} bytes; at most ${limit} are read.`,
  );
}

/**
 * The file holds bytes that are not UTF-8 text.
 * @remedy Save it as UTF-8.
 */
export function pipelineNotUtf8(place: Place): SsqlError {
  return new SsqlError('PIPELINE_NOT_UTF8', 'The pipeline file is not UTF-8 text.', {
    place,
    hint: 'Save the file as UTF-8.',
  });
}

/**
 * The file is not YAML, or holds more than one document.
 * @remedy Mend the line that is shown; tabs do not indent.
 */
export function yamlSyntax(reason: string, place: Place): SsqlError {
  return new SsqlError('YAML_SYNTAX', reason, { place });
}

/**
 * A mapping has the same key twice.
 * @remedy Keep one of the two.
 */
export function yamlDuplicateKey(place: Place): SsqlError {
  return new SsqlError('YAML_DUPLICATE_KEY', 'The same key is written twice.', { place, hint: 'Keep one of the two.' });
}

/**
 * The file is nested deeper than any that a person writes.
 * @remedy Write the value flatter.
 */
export function yamlTooDeep(limit: number, place: Place): SsqlError {
  return new SsqlError('YAML_TOO_DEEP', `The file is nested more than ${limit} levels deep.`, { place });
}

/**
 * An alias (`*name`) refers to no anchor before it or to itself, or the aliases unfold to very many values.
 * @remedy Define the anchor before its alias, or write the values out.
 */
export function yamlAliases(unknown: string | undefined, place: Place): SsqlError {
  const reason =
    unknown === undefined
      ? 'The aliases of the file refer to themselves or unfold to too many values.'
      : `There is no anchor \`&${unknown}\` before its alias.`;
  return new SsqlError('YAML_ALIASES', reason, { place });
}

/**
 * A key stands where nothing reads it. Nothing in a pipeline is ignored.
 * @remedy Take the suggested key, or one of those that are listed.
 */
export function unknownKey(key: string, where: string, known: readonly string[], place: Place): SsqlError {
  const keys = known.length > 0 ? `Known keys: ${known.join(', ')}.` : 'No keys are known here.';
  const merge =
    'YAML 1.2 has no merge keys: build on another file with `extends`, or refer to a value with `${path.to.value}`.';
  return new SsqlError('UNKNOWN_KEY', `Unknown key \`${key}\` in ${where}.`, {
    place,
    hint: key === '<<' ? merge : (didYouMean(key, known) ?? keys),
  });
}

/**
 * Something that must be written is not.
 * @remedy Add the key.
 */
export function missingKey(key: string, where: string, place: Place, hint?: string): SsqlError {
  return new SsqlError('MISSING_KEY', `Missing key \`${key}\` in ${where}.`, { place, hint });
}

/**
 * A value is of another type than expected: text for a number, a list for a mapping.
 * @remedy Write a value of the type that is named.
 */
export function wrongType(expected: string, found: string, where: string, place: Place): SsqlError {
  return new SsqlError('WRONG_TYPE', `Expected ${expected} at ${where}, found ${found}.`, { place });
}

/**
 * A number is outside the bounds of its option.
 * @remedy Choose one within them; `ssql show <plugin>` lists the bounds.
 */
export function outOfRange(expected: string, found: string, where: string, place: Place): SsqlError {
  return new SsqlError('OUT_OF_RANGE', `Expected ${expected} at ${where}, found ${found}.`, { place });
}

/**
 * A value is of the right type, but not one that its option takes.
 * @remedy Take one of the values that are named; `ssql show <plugin>` lists them.
 */
export function optionInvalid(expected: string, found: string, where: string, place: Place, hint?: string): SsqlError {
  return new SsqlError('OPTION_INVALID', `Expected ${expected} at ${where}, found ${found}.`, { place, hint });
}

/**
 * A text is no precision.
 * @remedy Write `float`, `w4a8`, `w4` or `a8`, with 1 to 16 bits; stages that evaluate also take `mixed-w4a8` and `w4a8-folded`.
 */
export function precisionInvalid(found: string, where: string, place: Place, also = ''): SsqlError {
  return new SsqlError('PRECISION_INVALID', `Expected a precision at ${where}, found ${found}.`, {
    place,
    hint: `Precisions are written \`float\`, \`w4a8\`, \`w4\` or \`a8\`, with 1 to 16 bits${also}.`,
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
  place: Place | undefined,
): SsqlError {
  const available = known.length > 0 ? `Available: ${known.join(', ')}.` : `No plugin of kind ${kind} is loaded.`;
  const suggestion = didYouMean(name, known);
  return new SsqlError('UNKNOWN_PLUGIN', `There is no ${kind} \`${name}\`.`, {
    place,
    hint: suggestion === undefined ? available : `${suggestion} ${available}`,
  });
}

/**
 * `extends` is neither a file nor a list of files.
 * @remedy Write `extends: ./base.yaml`, or a list of such.
 */
export function extendsInvalid(place: Place): SsqlError {
  return new SsqlError('EXTENDS_INVALID', 'Expected a file or a list of files at `extends`.', { place });
}

/**
 * A file that the pipeline extends does not exist.
 * @remedy A file beside this one begins with `./`; one of a package with the name of the package, which must be installed.
 */
export function extendsMissing(base: string, place: Place, cause?: unknown): SsqlError {
  return new SsqlError('EXTENDS_MISSING', `There is no pipeline file ${base} to extend.`, {
    place,
    hint: 'A file beside this one begins with `./`; one of a package with the name of the package.',
    cause,
  });
}

/**
 * Pipeline files extend each other in a circle.
 * @remedy Take one of the links away.
 */
export function extendsCycle(files: readonly string[], place: Place): SsqlError {
  return new SsqlError(
    'EXTENDS_CYCLE',
    `Pipeline files extend each other: ${files.map((file) => basename(file)).join(' -> ')}.`,
    {
      place,
    },
  );
}

/**
 * The files that a pipeline extends, and those that they extend, are too many.
 * @remedy Extend fewer files.
 */
export function extendsTooMany(limit: number, place: Place): SsqlError {
  return new SsqlError('EXTENDS_TOO_MANY', `The pipeline extends more than ${limit} files.`, {
    place,
    hint: 'A file that is extended by two others is read twice.',
  });
}

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
 * An argument of `--set` cannot be read, or leads to nothing in the pipeline.
 * @remedy Write `path=value`, `path.+=value` or `~path`; `ssql print <file>` shows the paths.
 */
export function overrideInvalid(reason: string, place: Place, hint?: string): SsqlError {
  return new SsqlError('OVERRIDE_INVALID', reason, { place, hint });
}

/**
 * An expression `${...}` cannot be read, or stands where none may.
 * @remedy Mend the expression at the place that is shown.
 */
export function interpolationInvalid(reason: string, place: Place, hint?: string): SsqlError {
  return new SsqlError('INTERPOLATION_INVALID', reason, { place, hint });
}

/**
 * An expression `${...}` refers to a value, a variable of the environment or a function that there is not.
 * @remedy Take the suggested name; `ssql print <file>` shows the paths.
 */
export function interpolationUnknown(
  expression: string,
  missing: string,
  known: readonly string[],
  place: Place,
): SsqlError {
  return new SsqlError('INTERPOLATION_UNKNOWN', `\`\${${expression}}\`: the pipeline has no \`${missing}\` there.`, {
    place,
    hint: didYouMean(missing, known) ?? (known.length > 0 ? `There is: ${known.join(', ')}.` : undefined),
  });
}

/**
 * Expressions refer to each other in a circle.
 * @remedy Write one of the values out.
 */
export function interpolationCycle(paths: readonly string[], place: Place): SsqlError {
  return new SsqlError('INTERPOLATION_CYCLE', `Values refer to each other: ${paths.join(' -> ')}.`, { place });
}

/**
 * The matrix cannot be read, or an entry of it leads to nothing in the pipeline.
 * @remedy Mend the entry that is shown.
 */
export function matrixInvalid(reason: string, place: Place, hint?: string): SsqlError {
  return new SsqlError('MATRIX_INVALID', reason, { place, hint });
}

/**
 * A pin's pattern matches no layer of the network: it would do nothing.
 * @remedy Take one of the sites that are listed.
 */
export function pinUnmatched(pattern: string, sites: readonly string[], place: Place | undefined): SsqlError {
  return new SsqlError('PIN_UNMATCHED', `The pin \`${pattern}\` matches no quantization site.`, {
    place,
    hint: didYouMean(pattern, sites) ?? `Sites: ${sites.join(', ')}.`,
  });
}

/**
 * The backbone and the method cannot be put together to a network on these images.
 * @remedy Change the options of the backbone or the method that the message names.
 */
export function networkInvalid(reason: string): SsqlError {
  return new SsqlError('NETWORK_INVALID', `The network cannot be built: ${reason}.`);
}

/**
 * A batch has more images than there are to train on.
 * @remedy Lower `train.batch`, or use more images.
 */
export function batchTooLarge(batch: number, images: number, place: Place | undefined): SsqlError {
  return new SsqlError('BATCH_TOO_LARGE', `A batch has ${batch} images, but there are ${images} to train on.`, {
    place,
  });
}

/**
 * The training diverged: the loss is NaN or infinite. The last checkpoint is kept.
 * @remedy Lower the learning rate or warm it up, and start the run anew with `--fresh`.
 */
export function lossNotFinite(loss: number, step: number, epoch: number, saved: number): SsqlError {
  return new SsqlError('LOSS_NOT_FINITE', `The loss is ${loss} at step ${step} (epoch ${epoch + 1}).`, {
    hint: divergenceHint(saved),
  });
}

/**
 * The training diverged: a weight is NaN or infinite. It was not saved; the last checkpoint is kept.
 * @remedy Lower the learning rate or warm it up, and start the run anew with `--fresh`.
 */
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

/**
 * The tensors of a checkpoint are not those of this network.
 * @remedy Start the run anew with `--fresh`.
 */
export function checkpointMismatch(what: string): SsqlError {
  return new SsqlError('CHECKPOINT_MISMATCH', `The checkpoint is not one of this pipeline: ${what}.`, {
    hint: 'Start the run anew with --fresh.',
  });
}

/**
 * The file that a pipeline takes its first weights from (`initial.weights`) does not exist or cannot be read.
 * @remedy Check the path; it starts at the pipeline's folder.
 */
export function initialFileMissing(file: string, place: Place | undefined, cause: unknown): SsqlError {
  return new SsqlError('INITIAL_FILE_MISSING', `There is no file of weights ${file}.`, { place, cause });
}

/**
 * The tensors of the file that a pipeline takes its first weights from are not those of its networks.
 * @remedy Say with `initial.prefix` what their names begin with, and with `initial.ignore` which ones to leave out; or change the
 *   backbone's options.
 */
export function initialMismatch(
  file: string,
  problems: readonly string[],
  hint: string | undefined,
  place: Place | undefined,
): SsqlError {
  return new SsqlError('INITIAL_MISMATCH', `The weights of ${file} do not fit: ${problems.join('; ')}.`, {
    place,
    hint,
  });
}

/**
 * The run was begun and not finished.
 * @remedy Go on with `--resume`, or start it anew with `--fresh`.
 */
export function runUnfinished(folder: string): SsqlError {
  return new SsqlError('RUN_UNFINISHED', `${folder} holds an unfinished run`, {
    hint: 'Go on with it: `--resume`. Start it anew: `--fresh`.',
  });
}

/**
 * Another process is at work on the run.
 * @remedy Wait for it or stop it. If there is none, remove the `lock` in the run's folder.
 */
export function runInUse(folder: string): SsqlError {
  return new SsqlError('RUN_IN_USE', `Another process is at work on ${folder}.`, {
    hint: `Wait for it or stop it. If there is none, remove ${folder}/lock.`,
  });
}

/**
 * The run was trained by another version of ssql or of a plugin, or on other data: going on would mix the two.
 * @remedy Start it anew with `--fresh`, or move the folder away.
 */
export function runOutdated(folder: string): SsqlError {
  return new SsqlError(
    'RUN_OUTDATED',
    `${folder} was trained by another version of ssql or of a plugin, or on other data.`,
    {
      hint: 'Start it anew with --fresh, or move the folder away.',
    },
  );
}

/**
 * A folder is no run, and no run below the folder of runs has that name.
 * @remedy `ssql runs` lists them.
 */
export function runNotFound(wanted: string, known: readonly string[] = []): SsqlError {
  return new SsqlError('RUN_NOT_FOUND', `${wanted} holds no run, and no run has that name.`, {
    hint: didYouMean(wanted, known) ?? (known.length > 0 ? `Runs: ${known.join(', ')}.` : undefined),
  });
}

/**
 * Several runs have the name.
 * @remedy Name the run as `pipeline/id`, or its folder.
 */
export function runAmbiguous(wanted: string, found: readonly string[]): SsqlError {
  return new SsqlError('RUN_AMBIGUOUS', `Several runs are named ${wanted}.`, {
    hint: `Name one of them: ${found.join(', ')}.`,
  });
}

/**
 * There is no folder of runs at that path.
 * @remedy Run a pipeline first, or name the folder that holds the runs.
 */
export function runsMissing(folder: string): SsqlError {
  return new SsqlError('RUNS_MISSING', `There is no folder of runs ${folder}.`, {
    hint: 'Run a pipeline first: `ssql run <file>`. Or name the folder that holds the runs.',
  });
}

/**
 * The pipeline's matrix has no run of that label or number.
 * @remedy Take one of those that are listed.
 */
export function cellUnknown(wanted: string, labels: readonly string[]): SsqlError {
  return new SsqlError('CELL_UNKNOWN', `The pipeline declares no run \`${wanted}\`.`, {
    hint:
      didYouMean(wanted, labels) ?? `Its runs: ${labels.map((label, index) => `${index + 1} (${label})`).join(', ')}.`,
  });
}

/**
 * `ssql init` would overwrite files. It wrote nothing.
 * @remedy Choose another folder, or move the files away.
 */
export function wouldOverwrite(files: readonly string[]): SsqlError {
  return new SsqlError('WOULD_OVERWRITE', `${files.join(', ')} ${files.length === 1 ? 'is' : 'are'} there already.`, {
    hint: 'Nothing was written. Choose another folder, or move the files away.',
  });
}

/**
 * A wrapper quantizes an output whose range no float pass of the step has observed.
 * @remedy In the wrapper, run the float branch before the quantized ones.
 */
export function notCalibrated(site: string): SsqlError {
  return new SsqlError(
    'NOT_CALIBRATED',
    `The output ${site} is quantized, but no float pass came before that observed it.`,
    {
      hint: "A wrapper runs the float branch first: its passes calibrate the step's quantized branches.",
    },
  );
}

/**
 * A method or wrapper names a head that the method has not made.
 * @remedy Take one of the heads that are listed.
 */
export function headUnknown(name: string, known: readonly string[]): SsqlError {
  return new SsqlError('HEAD_UNKNOWN', `The method has no head \`${name}\`.`, {
    hint: didYouMean(name, known) ?? `Its heads: ${known.join(', ')}.`,
  });
}

/**
 * A method uses a momentum encoder that it does not declare, or remembers something else than its memory.
 * @remedy Give the method `momentum`; list in `memory` each tensor that `remember` returns, with its shape.
 */
export function methodStateInvalid(reason: string): SsqlError {
  return new SsqlError('METHOD_STATE_INVALID', `The method cannot be trained: ${reason}.`);
}

/**
 * A sampler drew a precision outside the bit widths of the pipeline.
 * @remedy Mend the sampler: it draws from the sets that it is given.
 */
export function samplerInvalid(drawn: string, sets: string): SsqlError {
  return new SsqlError('SAMPLER_INVALID', `The sampler drew ${drawn}; expected bit widths of ${sets}.`);
}

/**
 * An assigner chose bits that it was not asked for, or that cost more than the precision does everywhere.
 * @remedy Mend the assigner: it chooses for the sites that it is given, among their widths, within its budget.
 */
export function assignmentInvalid(precision: string, found: string, expected: string): SsqlError {
  return new SsqlError('ASSIGNMENT_INVALID', `The assigner chose, at ${precision}, ${found}; expected ${expected}.`);
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
 * A file of a run is damaged.
 * @remedy Start the run anew with `--fresh`.
 */
export function runCorrupt(message: string, cause: unknown): SsqlError {
  return new SsqlError('RUN_CORRUPT', message, { cause, hint: 'Start the run anew with --fresh.' });
}

/**
 * A checkpoint or a file of weights is damaged or cut short.
 * @remedy Delete the file, or start the run anew with `--fresh`.
 */
export function checkpointCorrupt(message: string, cause?: unknown): SsqlError {
  return new SsqlError('CHECKPOINT_CORRUPT', message, { cause, hint: 'Delete the file, or start with --fresh.' });
}

/**
 * The disk is full. What was saved before is whole.
 * @remedy Free some space, then go on with `--resume`.
 */
export function diskFull(file: string, cause: unknown): SsqlError {
  return new SsqlError('DISK_FULL', `No space left to write ${file}`, {
    cause,
    hint: 'Free some space, then go on with --resume.',
  });
}

/**
 * A file of a run may not be written.
 * @remedy Check the permissions of the folder.
 */
export function notWritable(file: string, cause: unknown): SsqlError {
  return new SsqlError('NOT_WRITABLE', `Cannot write ${file}`, {
    cause,
    hint: 'Check the permissions of the folder.',
  });
}

/**
 * A stage that looks at all runs asks for what only a single run has.
 * @remedy Give the stage `scope: 'run'`, or take features and records out of it.
 */
export function stageInvalid(name: string): SsqlError {
  return new SsqlError('STAGE_INVALID', `The stage ${name} looks at all runs: it has no features or records of one.`);
}

/**
 * A stage that looks at all runs stands among those that watch one while it trains.
 * @remedy Move it from `monitor` to `stages`.
 */
export function monitorInvalid(name: string, place?: Place): SsqlError {
  return new SsqlError(
    'MONITOR_INVALID',
    `The stage ${name} looks at all runs; expected stages that look at one, such as knn, in \`monitor\`.`,
    { place },
  );
}
