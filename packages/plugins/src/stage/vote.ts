import type { Nearest } from './nearest-indexes.js';

/** The options of a stage that classifies by a vote of neighbours. */
export const votingOptions = {
  k: {
    type: 'integer',
    minimum: 1,
    default: 20,
    description: 'Number of neighbours that vote; 200 in the paper, of 50,000 images or more.',
  },
  temperature: {
    type: 'number',
    exclusiveMinimum: 0,
    default: 0.07,
    description: 'The weight of a vote is exp(cosine / temperature); 0.07 in the paper.',
  },
} as const;

export interface Voting {
  readonly k: number;
  readonly temperature: number;
}

/** The class with the most votes; the first of equals. */
export function voteOf(
  { indexes, cosines }: Nearest,
  labels: ArrayLike<number>,
  classes: number,
  { k, temperature }: Voting,
): number {
  const votes = new Float64Array(classes);
  // Relative to the best cosine, so that a small temperature does not overflow.
  for (let j = 0; j < k; j++) votes[labels[indexes[j]!]!]! += Math.exp((cosines[j]! - cosines[0]!) / temperature);
  return votes.indexOf(Math.max(...votes));
}
