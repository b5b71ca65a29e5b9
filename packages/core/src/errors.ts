/** Where in a pipeline file an error is. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The lines around the place, with a pointer, ready to print. */
  readonly frame: string;
}

/** An error of the user's making or of their machine: it has a code, and a place where there is one. */
export class SsqlError extends Error {
  override readonly name = 'SsqlError';
  constructor(
    readonly code: string,
    message: string,
    readonly details: { readonly place?: Place; readonly hint?: string; readonly cause?: unknown } = {},
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
