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
 * The comparisons: each group with the group of the same cell without a wrapper, or, if that does not exist, with the first group.
 */
export function comparisons(groups: readonly RunGroup[]): readonly Comparison[] {
  const [first] = groups;
  const unwrapped = groups.filter((group) => isUnwrapped(group));
  return groups.flatMap((group) => {
    if (unwrapped.includes(group)) return [];
    const baseline = unwrapped.find((other) => otherwise(other) === otherwise(group)) ?? unwrapped[0] ?? first;
    return baseline === undefined || baseline === group ? [] : [{ group, baseline }];
  });
}

function isUnwrapped({ runs: [run] }: RunGroup): boolean {
  return run !== undefined && WRAP in run.cell && !run.quantized;
}

/** The cell without its wrapper and seed. */
function otherwise({ runs: [run] }: RunGroup): string {
  return JSON.stringify(run === undefined ? [] : variantsOf(run).filter(({ path }) => path !== WRAP));
}

/** The values of the run's cell, without its seed. */
function variantsOf(run: RunRecord): { readonly path: string; readonly value: unknown }[] {
  return Object.entries(run.cell).flatMap(([path, value]) => (lastName(path) === 'seed' ? [] : [{ path, value }]));
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
