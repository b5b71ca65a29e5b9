import { distance } from 'fastest-levenshtein';

/** The known name nearest to a misspelled one; `undefined` if none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.round(0.4 * Math.max(name.length, candidate.length))))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.candidate;
}

/** A hint with the nearest known name; `undefined` if none is near. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const nearest = nearestName(name, known);
  return nearest === undefined ? undefined : `Did you mean \`${nearest}\`?`;
}
