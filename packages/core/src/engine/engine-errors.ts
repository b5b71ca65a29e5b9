import { SsqlError } from '../errors.js';

/**
 * libtensorflow is there, but the system cannot load it.
 * @remedy Run `ssql engine remove`, then `ssql engine install`.
 */
export function engineLibraryBroken(folder: string, cause: unknown): SsqlError {
  return new SsqlError('ENGINE_LIBRARY_BROKEN', `libtensorflow in ${folder} cannot be loaded: ${text(cause)}`, {
    hint: 'run `ssql engine remove`, then `ssql engine install`',
    cause,
  });
}

/**
 * TensorFlow refused an operation.
 * @remedy The message says why; in a plugin, check the shapes of its tensors.
 */
export function operationFailed(operation: string, call: string | undefined, message: string): SsqlError {
  const where = call === undefined ? operation : `${operation} (in the tfjs kernel ${call})`;
  return new SsqlError('ENGINE_OPERATION_FAILED', `${where}: ${message}`);
}

/**
 * A compiled step reads a tensor's values while it is traced, when they are not known.
 * @remedy Return the tensor as an output and read it after `run`, or write the step without the values.
 */
export function untraceableRead(call: string | undefined): SsqlError {
  return new SsqlError(
    'ENGINE_UNTRACEABLE_READ',
    `a compiled step read a tensor's values back${call === undefined ? '' : ` (in the tfjs kernel ${call})`}: they are not known while the step is traced`,
    {
      hint: 'return the tensor as an output of the step and read it after `run`, or write the step without the values',
    },
  );
}

/**
 * A tensor of a compiled step is used after the step is over, or was disposed.
 * @remedy Return it as an output or as state of the step.
 */
export function tensorEscaped(operation: string): SsqlError {
  return new SsqlError(
    'ENGINE_TENSOR_ESCAPED',
    `${operation}: an input was computed inside a compiled step that is over, or was disposed`,
    { hint: 'return it as an output or as state of the step' },
  );
}

/**
 * The engine has no such type of values.
 * @remedy Use float32, int32 or bool.
 */
export function unsupportedType(what: string): SsqlError {
  return new SsqlError('ENGINE_TYPE_UNSUPPORTED', `${what} is not supported by the engine`);
}

/**
 * libtensorflow is open already in this process, with other settings. It keeps the number of threads that it was first given.
 * @remedy Run the cells of a matrix over `engine.threads` one by one: `--set engine.threads=...`.
 */
export function engineOpen(): SsqlError {
  return new SsqlError('ENGINE_OPEN', 'libtensorflow is open already in this process, with other settings.', {
    hint: 'Run the cells of a matrix over `engine.threads` one by one: `--set engine.threads={ intraOp: 1 }`.',
  });
}

/**
 * An engine did not start on this machine.
 * @remedy Choose another with `engine: { use: ... }`; `ssql doctor` says which work.
 */
export function engineUnavailable(name: string): SsqlError {
  return new SsqlError('ENGINE_UNAVAILABLE', `the tfjs backend ${name} did not start`);
}

/** Batch statistics of x [...,channels] need two values per channel at least. */
export function checkBatchNorm(shape: readonly number[]): void {
  const count = shape.slice(0, -1).reduce((product, length) => product * length, 1);
  if (count >= 2) return;
  throw batchNormOfOne(shape, count);
}

/**
 * Batch norm is given a single value per channel, which has no variance.
 * @remedy Use a larger batch, or larger images.
 */
function batchNormOfOne(shape: readonly number[], count: number): SsqlError {
  return new SsqlError(
    'BATCH_NORM_OF_ONE',
    `Batch norm of shape [${shape.join(', ')}] has ${count} value per channel; a variance needs at least two.`,
  );
}

/**
 * A compiled step is given a tensor of another shape or type than it was compiled for.
 * @remedy Give it tensors of the same shapes in every step.
 */
export function inputMismatch(name: string, expected: string, found: string): SsqlError {
  return new SsqlError(
    'ENGINE_INPUT_MISMATCH',
    `"${name}" of a compiled step is ${found}, but it was compiled for ${expected}`,
  );
}

/**
 * A compiled step was run after it had been disposed.
 * @remedy Dispose it when nothing runs it any more.
 */
export function stepClosed(): SsqlError {
  return new SsqlError('ENGINE_STEP_DISPOSED', 'a compiled step was run after it had been disposed');
}

/**
 * libtensorflow is not where it should be.
 * @remedy Run `ssql engine install`, or set LIBTENSORFLOW_DIR to a folder that holds it.
 */
export function libraryMissing(message: string, hint: string): SsqlError {
  return new SsqlError('ENGINE_LIBRARY_MISSING', message, { hint });
}

/**
 * libtensorflow cannot be had: there is none for this platform, or no package index gave it.
 * @remedy Name a package index with `--index`, set LIBTENSORFLOW_DIR, or use the WebAssembly engine.
 * @see engineUnavailable
 */
export function libraryUnavailable(message: string, hint: string, cause?: unknown): SsqlError {
  return new SsqlError('ENGINE_UNAVAILABLE', message, { hint, cause });
}

/**
 * What a package index offers as libtensorflow is not the file that ssql knows.
 * @remedy Install again; where this repeats, name another index with `--index`.
 */
export function checksumMismatch(message: string, hint: string): SsqlError {
  return new SsqlError('ENGINE_CHECKSUM', message, { hint });
}

/**
 * The package of libtensorflow does not hold the libraries.
 * @remedy Remove it from the cache (`ssql engine remove`) and install again.
 */
export function wheelInvalid(file: string, expected: readonly string[]): SsqlError {
  return new SsqlError('ENGINE_WHEEL_INVALID', `${file} does not hold ${expected.join(' and ')}`);
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
