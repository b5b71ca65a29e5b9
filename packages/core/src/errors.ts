/** The place of an error in a pipeline file. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The lines around the place, with a caret, ready to print. */
  readonly frame: string;
  /** The places that extend the file, the outermost first. */
  readonly via?: readonly string[];
}

export interface ErrorDetails {
  readonly location?: Location | undefined;
  /** What to do; the nearest known name. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** The entry of `plugins` that caused the error. */
  readonly reference?: string | undefined;
  /** Whether the caller of ssql caused it: if a plugin is the caller, the error gets the plugin's name and place. */
  readonly ofCaller?: boolean;
  /** The option of a plugin that is wrong, in an error that its `check` throws. */
  readonly option?: string | undefined;
}

/** An error in the user's input or on their machine, with a code and, if it is in a file, a place. */
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

/** All problems of a pipeline, sorted by place. */
export class PipelineErrors extends AggregateError {
  override readonly name = 'PipelineErrors';
  declare readonly errors: readonly SsqlError[] & Error[];
  constructor(errors: readonly SsqlError[]) {
    super(errors, errors.map((error) => error.message).join('\n'));
  }
}

/** The error with a place and a hint, unless it has its own. */
export function withLocation(error: SsqlError, location: Location | undefined, hint?: string): SsqlError {
  const { code, message, details, stack } = error;
  const added = { location: details.location ?? location, hint: details.hint ?? hint };
  return Object.assign(new SsqlError(code, message, { ...details, ...added }), { stack });
}

/** Calls a function. An error that it throws without a place gets this one. */
export function atLocation<T>(location: Location | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof SsqlError ? withLocation(error, location) : error;
  }
}

/** Adds a note to the message of an error. */
export function withNote(error: unknown, note: string): unknown {
  if (error instanceof Error)
    error.message = `${error.message.replace(/\.$/, '')} (${note})${error.message.endsWith('.') ? '.' : ''}`;
  return error;
}
