import { distance } from 'fastest-levenshtein';

/** The known name nearest to a misspelled one; `undefined` if none is near: at most a third of the letters may differ. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, edits: editsOf(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= mostEdits(name, candidate))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.candidate;
}

function mostEdits(name: string, candidate: string): number {
  const length = Math.max(name.length, candidate.length);
  if (length > 3) return Math.floor(length / 3);
  // Of short names, the first letter is seldom wrong: `gpu` is not `cpu`.
  return name[0]?.toLowerCase() === candidate[0]?.toLowerCase() ? 1 : 0;
}

/** Edits between two texts; two neighbours in the wrong order are one. */
function editsOf(a: string, b: string): number {
  const first = [...a].findIndex((letter, index) => letter !== b[index]);
  const swapped = `${a.slice(0, first)}${a.charAt(first + 1)}${a.charAt(first)}${a.slice(first + 2)}`;
  return first >= 0 && swapped === b ? 1 : distance(a, b);
}

/** A hint with the nearest known name; `undefined` if none is near. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const nearest = nearestName(name, known);
  return nearest === undefined ? undefined : `Did you mean \`${nearest}\`?`;
}
