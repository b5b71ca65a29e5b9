/** What a reader of a file says that failed. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
