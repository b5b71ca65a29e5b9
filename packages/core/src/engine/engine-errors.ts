import { SsqlError } from '../errors.js';

/**
 * libtensorflow is installed, but the system cannot load it.
 * @remedy Move its folder away and run `ssql engine install`, or use the WebAssembly engine: `engine: { use: wasm }`.
 */
export function engineLibraryBroken(folder: string, cause: unknown): SsqlError {
  return new SsqlError('ENGINE_LIBRARY_BROKEN', `Cannot load libtensorflow from ${folder}: ${text(cause)}`, {
    hint: 'Move this folder away and run `ssql engine install`, or use the WebAssembly engine: `engine: { use: wasm }`.',
    cause,
  });
}

/**
 * TensorFlow rejected an operation.
 * @remedy Read the reason in the message. In a plugin, check the shapes of its tensors.
 */
export function operationFailed(operation: string, call: string | undefined, message: string): SsqlError {
  const where = call === undefined ? operation : `${operation} (in the tfjs kernel ${call})`;
  // The name of a node says nothing to authors of plugins: `for '{{node Mul_2379}} = Mul[T=DT_FLOAT](a, b)'`.
  const reason = message.replace(/ for '\{\{node [^']*'/, '');
  return new SsqlError('ENGINE_OPERATION_FAILED', `${where}: ${reason}`, { ofCaller: true });
}

/**
 * A compiled step reads the values of a tensor while it is traced. They are not known yet.
 * @remedy Return the tensor as an output and read it after `run`, or write the step without the values.
 */
export function untraceableRead(call: string | undefined): SsqlError {
  return new SsqlError(
    'ENGINE_UNTRACEABLE_READ',
    `A compiled step reads the values of a tensor${call === undefined ? '' : ` (in the tfjs kernel ${call})`}, which are not known while the step is traced.`,
    {
      hint: 'Return the tensor as an output of the step and read it after `run`, or write the step without the values.',
      ofCaller: true,
    },
  );
}

/**
 * A training step calls a random operation of tfjs. Its numbers would not depend on the seed, and would be the same in every step if the
 * step is traced.
 * @remedy Declare random tensors in the method's `draws`. Augmentations draw in `draw`.
 */
export function randomOperation(operation: string): SsqlError {
  return new SsqlError(
    'ENGINE_RANDOM_OPERATION',
    `A compiled step calls \`tf.${operation}\`, whose numbers do not depend on the seed.`,
    {
      hint: "Declare random tensors in the method's `draws`; augmentations draw in `draw`.",
      ofCaller: true,
    },
  );
}

/**
 * A tensor of a compiled step is used after the step ended, or after the tensor was disposed.
 * @remedy Return the tensor as an output or as state of the step.
 */
export function tensorEscaped(operation: string): SsqlError {
  return new SsqlError(
    'ENGINE_TENSOR_ESCAPED',
    `${operation}: an input was disposed, or belongs to a compiled step that has ended.`,
    { hint: 'Return the tensor as an output or as state of the step.', ofCaller: true },
  );
}

/**
 * The engine does not support the data type.
 * @remedy Use float32, int32 or bool.
 */
export function unsupportedType(what: string): SsqlError {
  return new SsqlError('ENGINE_TYPE_UNSUPPORTED', `The engine does not support ${what}.`, { ofCaller: true });
}

/**
 * libtensorflow is already open in this process with other settings, and a process opens it once at a time.
 * @remedy Run the cells of a matrix over `engine.threads` in separate commands: `--set engine.threads=...`.
 */
export function engineOpen(): SsqlError {
  return new SsqlError('ENGINE_OPEN', 'libtensorflow is already open in this process with other settings.', {
    hint: 'Run the cells of a matrix over `engine.threads` in separate commands: `--set engine.threads={ intraOp: 1 }`.',
  });
}

/**
 * An engine did not start on this machine.
 * @remedy Choose another one with `engine: { use: ... }`. `ssql doctor` tests the engine.
 */
export function engineUnavailable(name: string): SsqlError {
  return new SsqlError('ENGINE_UNAVAILABLE', `The tfjs backend ${name} did not start.`);
}

/** Checks that x [...,channels] has at least two values per channel, which batch statistics need. */
export function checkBatchNorm(shape: readonly number[], layer?: string): void {
  const count = shape.slice(0, -1).reduce((product, length) => product * length, 1);
  if (count >= 2) return;
  throw batchNormOfOne(shape, count, layer);
}

/**
 * The input of a batch norm has fewer than two values per channel, so it has no variance.
 * @remedy Use a larger batch (`train.batch`), or larger images.
 */
function batchNormOfOne(shape: readonly number[], count: number, layer?: string): SsqlError {
  const which = layer === undefined ? 'a batch norm' : `the batch norm ${layer}`;
  return new SsqlError(
    'BATCH_NORM_OF_ONE',
    `The input of ${which}, of shape [${shape.join(', ')}], has too few values per channel (${count}); a variance needs at least two.`,
    { hint: 'Use a larger batch.' },
  );
}

/**
 * A compiled step received a tensor of another shape or type than it was compiled for.
 * @remedy Pass tensors of the same shapes and types in every step.
 */
export function inputMismatch(name: string, expected: string, received: string): SsqlError {
  return new SsqlError(
    'ENGINE_INPUT_MISMATCH',
    `The input \`${name}\` of a compiled step is ${received}; the step was compiled for ${expected}.`,
  );
}

/**
 * A compiled step was run after it had been disposed.
 * @remedy Dispose a step only after its last run.
 */
export function stepClosed(): SsqlError {
  return new SsqlError('ENGINE_STEP_DISPOSED', 'A compiled step was run after it had been disposed.');
}

/**
 * libtensorflow is not installed, or not in the expected folder.
 * @remedy Run `ssql engine install`, or set LIBTENSORFLOW_DIR to a folder that holds it.
 */
export function libraryMissing(message: string, hint: string): SsqlError {
  return new SsqlError('ENGINE_LIBRARY_MISSING', message, { hint });
}

/**
 * libtensorflow cannot be installed: it does not exist for this platform, or no package index has it.
 * @remedy Pass a package index with `--index`, set LIBTENSORFLOW_DIR, or use the WebAssembly engine.
 * @see engineUnavailable
 */
export function libraryUnavailable(message: string, hint: string, cause?: unknown): SsqlError {
  return new SsqlError('ENGINE_UNAVAILABLE', message, { hint, cause });
}

/**
 * The package that an index offers as libtensorflow has another checksum than expected, or an installed library is damaged.
 * @remedy Run `ssql engine install` again. If the error repeats, pass another index with `--index`.
 */
export function checksumMismatch(message: string, hint: string): SsqlError {
  return new SsqlError('ENGINE_CHECKSUM', message, { hint });
}

/**
 * The package of libtensorflow does not contain the libraries.
 * @remedy Run `ssql engine install` again, or pass another index with `--index`.
 */
export function wheelInvalid(file: string, expected: readonly string[]): SsqlError {
  return new SsqlError('ENGINE_WHEEL_INVALID', `${file} does not contain ${expected.join(' and ')}.`);
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
