interface Problem {
  readonly code: string;
  readonly message: string;
  readonly details: { readonly location?: object };
}

/**
 * What an error fails to tell: its code, or its place, which is a line of a file or the name of a file or folder. `undefined` for an
 * error that tells both. Errors of the sources and of what is built from them are alike, but not of one class.
 */
export function untold(error: unknown): string | undefined {
  if (!(error instanceof Error)) return `it throws ${String(error)}`;
  const problems = (error instanceof AggregateError ? error.errors : [error]) as readonly Error[];
  if (problems.length === 0) return 'it throws no problem';
  for (const problem of problems) {
    if (problem.name !== 'SsqlError') return `it is an internal error: ${problem.stack ?? problem.message}`;
    const { code, message, details } = problem as Error & Problem;
    if (!/^[A-Z][A-Z0-9_]+$/.test(code) || message === '') return `it has the code ${code} and the message ${message}`;
    if (details.location === undefined && !/[/\\]/.test(message)) return `${code} has no place: ${message}`;
  }
  return undefined;
}

/** The codes of an error that tells all. */
export function codesOf(error: unknown): readonly string[] {
  const problems = (error instanceof AggregateError ? error.errors : [error]) as readonly Problem[];
  return [...new Set(problems.map(({ code }) => code))];
}
