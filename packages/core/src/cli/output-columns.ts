/** The width of what is printed: that of the terminal; of a pipe, infinite, so that each line stays whole. */
export function outputColumns(
  stream: { readonly isTTY?: boolean; readonly columns?: number } = process.stdout,
): number {
  return stream.isTTY === true ? (stream.columns ?? 80) : Infinity;
}
