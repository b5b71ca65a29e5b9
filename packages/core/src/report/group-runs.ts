import type { RunRecord } from '../kinds/run-record.js';
import { groupBy } from './group-by.js';
import {
  comparedAxis,
  isUnwrapped,
  lastName,
  otherwise,
  valueAt,
  variantsOf,
  WRAP,
  type RunGroup,
} from './run-groups.js';

/** Groups the seeds of each cell of the matrix, in the order of the runs. */
export function groupRuns(runs: readonly RunRecord[]): readonly RunGroup[] {
  const cells = groupBy(runs, (run) =>
    JSON.stringify(Object.keys(run.cell).length === 0 ? run.label : variantsOf(run)),
  );
  // A group has a run.
  return placeGroups([...cells.values()].map((members) => ({ label: members[0]!.group, runs: members })));
}

type Unplaced = Pick<RunGroup, 'label' | 'runs'>;

/** Gives each group its panel and its variant: `SSQL-BYOL` is SSQL in the panel BYOL, beside `BYOL`, which is plain. */
function placeGroups(groups: readonly Unplaced[]): readonly RunGroup[] {
  const axis = comparedAxis(groups);
  const panels = [...groupBy(groups, (group) => otherwise(group, axis)).values()];
  const keyOf = (group: Unplaced): string => (axis === undefined ? '' : (valueAt(group, axis) ?? ''));
  const keys = [...new Set([...groups.filter(isUnwrapped), ...groups].map(keyOf))];
  const variants = new Map<string, string>();
  for (const panel of panels.filter(({ length }) => length > 1)) {
    const { middles } = splitLabels(panel, axis);
    for (const [index, group] of panel.entries())
      if (!variants.has(keyOf(group)) && middles[index] !== '') variants.set(keyOf(group), middles[index]!);
  }
  const variantOf = (group: Unplaced): string =>
    isUnwrapped(group) ? 'plain' : (variants.get(keyOf(group)) ?? group.label);
  // Grey is for baselines.
  const first = axis === WRAP || keys.length === 1 ? (groups.some(({ runs }) => !runs[0]?.quantized) ? 0 : 1) : 0;
  const names = panels.map((panel) =>
    panel.length > 1 ? splitLabels(panel, axis).shared : withoutVariant(panel[0]!, variantOf),
  );
  return groups.map((group) => {
    const panel = panels.findIndex((members) => members.includes(group));
    const shared = names[panel] ?? '';
    const distinct = shared !== '' && names.indexOf(shared) === names.lastIndexOf(shared);
    return {
      ...group,
      panel: distinct ? shared : (panels[panel]?.map(({ label }) => label).join(', ') ?? ''),
      variant: panels.length === 1 ? group.label : variantOf(group),
      index: first + keys.indexOf(keyOf(group)),
    };
  });
}

interface SplitLabels {
  /** The words that all labels start and end with. */
  readonly shared: string;
  /** What is between them in each label. */
  readonly middles: readonly string[];
}

/** `SimSiam bits 2 lr 0.1` and `SimSiam bits 2 lr 0.5` share `SimSiam bits 2`; between are `lr 0.1` and `lr 0.5`. */
function splitLabels(groups: readonly Unplaced[], axis: string | undefined): SplitLabels {
  const words = groups.map(({ label }) => label.split(/(?<=[ -])/));
  const shortest = Math.min(...words.map(({ length }) => length));
  const agree = (read: (list: readonly string[]) => string | undefined): boolean =>
    new Set(words.map((list) => read(list)?.trim())).size === 1;
  let [start, end] = [0, 0];
  while (start < shortest && agree((list) => list[start])) start++;
  while (end < shortest - start && agree((list) => list.at(-1 - end))) end++;
  // The name of the compared value belongs to it.
  if (start > 0 && axis !== undefined && words[0]?.[start - 1]?.trim().endsWith(lastName(axis))) start--;
  const join = (list: readonly string[]): string => list.join('').replace(/[ -]+$/, '');
  const list = words[0] ?? [];
  return {
    shared: join([...list.slice(0, start), ...list.slice(list.length - end)]),
    middles: words.map((each) => join(each.slice(start, each.length - end))),
  };
}

function withoutVariant(group: Unplaced, variantOf: (group: Unplaced) => string): string {
  const start = `${variantOf(group)}-`;
  return group.label.startsWith(start) ? group.label.slice(start.length) : group.label;
}
