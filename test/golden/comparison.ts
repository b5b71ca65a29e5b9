/** A case of a golden file: how far we are from it, or why we are not to be where it is. */
export type Comparison = { readonly name: string } & (
  { readonly error: () => Promise<number> } | { readonly unmatched: string }
);
