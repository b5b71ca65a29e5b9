import type { BitAssignment } from '../kinds/run-record.js';
import type { Cell, Row } from './data-table.js';
import { tableBlock } from './figure.js';
import type { Markup } from './html.js';
import type { RunGroup } from './run-groups.js';

/** The bit widths of each site at each mixed precision, and their cost. All seeds are shown. */
export function bitTables(groups: readonly RunGroup[]): readonly Markup[] {
  const runs = groups.flatMap((group) => group.runs.map((run) => ({ group, run })));
  const precisions = [...new Set(runs.flatMap(({ run }) => Object.keys(run.assignments)))];
  return precisions.map((precision) => {
    const columns = runs.flatMap(({ group, run }) => {
      const assignment = run.assignments[precision];
      return assignment === undefined ? [] : [{ group, run, assignment }];
    });
    const sites = [...new Set(columns.flatMap(({ assignment }) => assignment.sites.map(({ site }) => site)))];
    const line = (name: string, cell: (assignment: BitAssignment) => Cell): Row => ({
      name: { label: name },
      cells: columns.map(({ assignment }) => cell(assignment)),
    });
    return tableBlock({
      caption: `${precision}: bits of weights / activations`,
      corner: 'site',
      columns: columns.map(({ group, run }) => ({ label: run.label || group.label, group })),
      rows: sites.map((site) => line(site, (assignment) => ({ text: bitsOf(assignment, site) }))),
      totals: [
        line('bit operations', ({ mixed, uniform }) => share(mixed.bops, uniform.bops)),
        line('size', ({ mixed, uniform }) => share(mixed.bytes, uniform.bytes)),
      ],
    });
  });
}

/** `4 / 3`; a dash for an operand without a choice. */
function bitsOf({ sites }: BitAssignment, name: string): string {
  return (['weights', 'activations'] as const)
    .map((operand) => sites.find((assigned) => assigned.operand === operand && assigned.site === name)?.bits ?? '–')
    .join(' / ');
}

function share(mixed: number, uniform: number): Cell {
  return { text: `${((100 * mixed) / uniform).toFixed(1)}\u00a0% of the uniform precision` };
}
