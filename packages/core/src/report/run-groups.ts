import type { RunRecord } from '../kinds/run-record.js';
import { groupBy } from './group-by.js';

/** Runs that differ only in their seed. */
export interface RunGroup {
  readonly label: string;
  /** Position among the groups, which determines the group's colour and shape. */
  readonly index: number;
  readonly runs: readonly RunRecord[];
}

/** A group and its baseline. */
export interface Comparison {
  readonly group: RunGroup;
  readonly baseline: RunGroup;
}

const WRAP = 'quantization.wrap';

/** Groups the seeds of each cell of the matrix, in the order of the runs. */
export function groupRuns(runs: readonly RunRecord[]): readonly RunGroup[] {
  const cells = groupBy(runs, (run) =>
    JSON.stringify(Object.keys(run.cell).length === 0 ? run.label : variantsOf(run)),
  );
  // A group has a run.
  return [...cells.values()].map((members, index) => ({ label: members[0]!.group, index, runs: members }));
}

/**
 * The comparisons: each group with the groups of the same cell without a wrapper, or, if there are none, with the first group.
 * @param along the only value of the matrix that differs; if it is not the wrapper, the value of the first group is the baseline
 */
export function comparisons(groups: readonly RunGroup[], along = WRAP): readonly Comparison[] {
  const [first] = groups;
  const baselines = groups.filter((group) =>
    along === WRAP ? isUnwrapped(group) : valueAt(group, along) === (first && valueAt(first, along)),
  );
  return groups.flatMap((group) => {
    if (baselines.includes(group)) return [];
    const matching = baselines.filter((other) => otherwise(other, along) === otherwise(group, along));
    const fallback = baselines[0] ?? first ?? group;
    return (matching.length > 0 ? matching : [fallback]).flatMap((baseline) =>
      baseline === group ? [] : [{ group, baseline }],
    );
  });
}

/** The seeds in the run's cell as text, equal for the runs of a pair: `seed 1`; empty without a seed. */
export function seedOf(run: RunRecord): string {
  return Object.entries(run.cell)
    .flatMap(([path, value]) => (lastName(path) === 'seed' ? [`${path} ${String(value)}`] : []))
    .join(', ');
}

function isUnwrapped({ runs: [run] }: RunGroup): boolean {
  return run !== undefined && WRAP in run.cell && !run.quantized;
}

function valueAt({ runs: [run] }: RunGroup, path: string): string | undefined {
  return JSON.stringify(run?.cell[path]);
}

/** The cell without its seed and the compared value. */
function otherwise({ runs: [run] }: RunGroup, along: string): string {
  return JSON.stringify(run === undefined ? [] : variantsOf(run).filter(({ path }) => path !== along));
}

/** The values of the run's cell, without its seed. */
function variantsOf(run: RunRecord): { readonly path: string; readonly value: unknown }[] {
  return Object.entries(run.cell).flatMap(([path, value]) => (lastName(path) === 'seed' ? [] : [{ path, value }]));
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
