/** Where in a pipeline file an error is. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The lines around the place, with a pointer, ready to print. */
  readonly frame: string;
  /** Where the file was extended from, the outermost first. */
  readonly via?: readonly string[];
}

export interface ErrorDetails {
  readonly location?: Location | undefined;
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
export function withLocation(error: SsqlError, location: Location | undefined, hint?: string): SsqlError {
  const { code, message, details, stack } = error;
  const added = { location: details.location ?? location, hint: details.hint ?? hint };
  return Object.assign(new SsqlError(code, message, { ...details, ...added }), { stack });
}

/** Does what may fail; an error of it without a place is at this one. */
export function atLocation<T>(location: Location | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof SsqlError ? withLocation(error, location) : error;
  }
}
