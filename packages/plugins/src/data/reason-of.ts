/** What a reader of a file says that failed. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** As `reasonOf`, of readers of binary files, which follow damaged bytes until JavaScript stops them. */
export function damageOf(error: unknown): string {
  return error instanceof TypeError || error instanceof RangeError
    ? 'it is damaged or incomplete, or of another format'
    : reasonOf(error);
}
