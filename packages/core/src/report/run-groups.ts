import type { RunRecord } from '../kinds/run-record.js';
import { groupBy } from './group-by.js';

/** Runs that differ only in their seed. */
export interface RunGroup {
  readonly label: string;
  /** What the group has in common with the groups that it is compared with: the name of its panel, `SimSiam`. */
  readonly panel: string;
  /** What tells it from them: `SSQL`. With a single panel, the label. */
  readonly variant: string;
  /** Position of the variant, which determines the group's colour and shape: the same in all panels. */
  readonly index: number;
  readonly runs: readonly RunRecord[];
}

/** A group and its baseline. */
export interface Comparison {
  readonly group: RunGroup;
  readonly baseline: RunGroup;
}

export const WRAP = 'quantization.wrap';
const METHOD = 'method';

/** Values of the matrix that figures can tell apart by colour. */
const COLOURS = 6;

/** The groups of each panel. */
export function panelsOf(groups: readonly RunGroup[]): ReadonlyMap<string, readonly RunGroup[]> {
  return groupBy(groups, ({ panel }) => panel);
}

/**
 * The value of the matrix that is compared within a panel: the wrapper, or else the last one, of those that differ. Nothing if it has more
 * values than there are colours.
 */
export function comparedAxis(groups: readonly Pick<RunGroup, 'runs'>[]): string | undefined {
  const paths = new Set(groups.flatMap(({ runs: [run] }) => (run ? variantsOf(run).map(({ path }) => path) : [])));
  const differing = [...paths].filter((path) => new Set(groups.map((group) => valueAt(group, path))).size > 1);
  if (differing.includes(WRAP)) return WRAP;
  const last = differing.at(-1);
  return last !== undefined && new Set(groups.map((group) => valueAt(group, last))).size <= COLOURS ? last : undefined;
}

/**
 * The comparisons: each group with the group of the same cell without a wrapper, or with the first value of what is compared. Where there is
 * none, as where a matrix leaves out baselines that would be equal, with the first baseline of the same method.
 * @param along the only value of the matrix that differs
 */
export function comparisons(groups: readonly RunGroup[], along = comparedAxis(groups)): readonly Comparison[] {
  const [first] = groups;
  if (first === undefined) return [];
  const unwrapped = along === WRAP ? groups.filter(isUnwrapped) : [];
  const isFirst = (group: RunGroup): boolean =>
    along === undefined ? group === first : valueAt(group, along) === valueAt(first, along);
  const baselines = unwrapped.length > 0 ? unwrapped : groups.filter(isFirst);
  return groups.flatMap((group) => {
    if (baselines.includes(group)) return [];
    const matching = baselines.filter((other) => otherwise(other, along) === otherwise(group, along));
    const similar = baselines.filter(
      (other) => along === undefined || valueAt(other, METHOD) === valueAt(group, METHOD),
    );
    return (matching.length > 0 ? matching : similar.slice(0, 1)).map((baseline) => ({ group, baseline }));
  });
}

/** The seeds in the run's cell as text, equal for the runs of a pair: `seed 1`; empty without a seed. */
export function seedOf(run: RunRecord): string {
  return Object.entries(run.cell)
    .flatMap(([path, value]) => (lastName(path) === 'seed' ? [`${path} ${String(value)}`] : []))
    .join(', ');
}

export function isUnwrapped({ runs: [run] }: Pick<RunGroup, 'runs'>): boolean {
  return run !== undefined && WRAP in run.cell && !run.quantized;
}

export function valueAt({ runs: [run] }: Pick<RunGroup, 'runs'>, path: string): string | undefined {
  return JSON.stringify(run?.cell[path]);
}

/** The cell without its seed and the compared value. */
export function otherwise({ runs: [run] }: Pick<RunGroup, 'runs'>, along: string | undefined): string {
  return JSON.stringify(run === undefined ? [] : variantsOf(run).filter(({ path }) => path !== along));
}

/** The values of the run's cell, without its seed. */
export function variantsOf(run: RunRecord): { readonly path: string; readonly value: unknown }[] {
  return Object.entries(run.cell).flatMap(([path, value]) => (lastName(path) === 'seed' ? [] : [{ path, value }]));
}

export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
