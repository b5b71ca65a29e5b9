/** What a part of the harness tried, and what went wrong. */
export interface Outcome {
  readonly name: string;
  /** Cases by what happened. */
  readonly counts: ReadonlyMap<string, number>;
  /** The codes of errors. */
  readonly codes: ReadonlySet<string>;
  /** A text for each case that shows a fault of ssql. */
  readonly faults: readonly string[];
}

/** Collects the outcomes of cases. */
export interface Tally {
  count(what: string): void;
  code(code: string): void;
  fault(text: string): void;
  outcome(): Outcome;
}

export function tally(name: string): Tally {
  const counts = new Map<string, number>();
  const codes = new Set<string>();
  const faults: string[] = [];
  return {
    count: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
    code: (code) => void codes.add(code),
    fault(text) {
      faults.push(text);
      console.error(`FAULT ${name}: ${text}`);
    },
    outcome: () => ({ name, counts, codes, faults }),
  };
}
