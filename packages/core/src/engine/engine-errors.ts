import { SsqlError } from '../errors.js';

export function engineLibraryBroken(folder: string, cause: unknown): SsqlError {
  return new SsqlError('ENGINE_LIBRARY_BROKEN', `libtensorflow in ${folder} cannot be loaded: ${text(cause)}`, {
    hint: 'run `ssql engine remove`, then `ssql engine install`',
    cause,
  });
}

/** An operation that TensorFlow refused. */
export function operationFailed(operation: string, call: string | undefined, message: string): SsqlError {
  const where = call === undefined ? operation : `${operation} (in the tfjs kernel ${call})`;
  return new SsqlError('ENGINE_OPERATION_FAILED', `${where}: ${message}`);
}

export function untraceableRead(call: string | undefined): SsqlError {
  return new SsqlError(
    'ENGINE_UNTRACEABLE_READ',
    `a compiled step read a tensor's values back${call === undefined ? '' : ` (in the tfjs kernel ${call})`}: they are not known while the step is traced`,
    {
      hint: 'return the tensor as an output of the step and read it after `run`, or write the step without the values',
    },
  );
}

export function tensorEscaped(operation: string): SsqlError {
  return new SsqlError(
    'ENGINE_TENSOR_ESCAPED',
    `${operation}: an input was computed inside a compiled step that is over, or was disposed`,
    { hint: 'return it as an output or as state of the step' },
  );
}

export function unsupportedType(what: string): SsqlError {
  return new SsqlError('ENGINE_TYPE_UNSUPPORTED', `${what} is not supported by the engine`);
}

export function engineOpen(): SsqlError {
  return new SsqlError('ENGINE_OPEN', 'libtensorflow is open already in this process: close the first engine');
}

export function engineUnavailable(name: string): SsqlError {
  return new SsqlError('ENGINE_UNAVAILABLE', `the tfjs backend ${name} did not start`);
}

/** Batch statistics of x [...,channels] need two values per channel at least. */
export function checkBatchNorm(shape: readonly number[]): void {
  const count = shape.slice(0, -1).reduce((product, length) => product * length, 1);
  if (count >= 2) return;
  throw new SsqlError(
    'BATCH_NORM_OF_ONE',
    `Batch norm of shape [${shape.join(', ')}] has ${count} value per channel; a variance needs at least two.`,
  );
}

export function inputMismatch(name: string, expected: string, found: string): SsqlError {
  return new SsqlError(
    'ENGINE_INPUT_MISMATCH',
    `"${name}" of a compiled step is ${found}, but it was compiled for ${expected}`,
  );
}

export function stepClosed(): SsqlError {
  return new SsqlError('ENGINE_STEP_DISPOSED', 'a compiled step was run after it had been disposed');
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
