/** A case of a golden file: how far we are from it, or why we are not to be where it is. */
export type Comparison = { readonly name: string } & (
  { readonly error: () => Promise<number> } | { readonly unmatched: string }
);

/** Reports the relative error of each case that is to be matched. */
export async function compare(
  comparisons: readonly Comparison[],
  report: (name: string, error: number) => void,
): Promise<void> {
  for (const one of comparisons) if ('error' in one) report(one.name, await one.error());
}
