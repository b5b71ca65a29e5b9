import { Command } from 'commander';
import type { RunPlan } from '../container/plan.js';
import type { LoadedCell } from '../pipeline/load.js';
import { formatOrigin, type Origin } from '../pipeline/origin.js';
import { chooseCell } from './choose-cell.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { rows } from './rows.js';
import { setOption } from './set-option.js';

interface ExplainFlags {
  readonly run?: string;
  readonly set: readonly string[];
  readonly json?: boolean;
}

interface ExplainedSlot {
  readonly slot: string;
  readonly kind: string;
  readonly plugin: string;
  readonly package: string;
  readonly version: string;
  /** Why the plugin stands there. */
  readonly origin: Origin;
  readonly uses: readonly { readonly kind: string; readonly slot: string }[];
}

interface ExplainedBinding {
  readonly token: string;
  readonly needs: readonly string[];
}

/** `ssql explain <file>`: which plugin stands where and why, and what the container will make from what. Makes nothing. */
export function explainCommand(): Command {
  const command = new Command('explain')
    .description('Say which plugin stands where in a pipeline and why, and what is made from what.')
    .argument('<file>', 'the pipeline, a YAML file')
    .option('--run <label or number>', 'which run of the matrix; the first where it is left out')
    .addOption(setOption())
    .addOption(jsonOption('the explanation'))
    .action(async (file: string, { run, set, json = false }: ExplainFlags) => {
      const [{ loadPipeline }, { planRun }] = await Promise.all([
        import('../pipeline/load.js'),
        import('../container/plan.js'),
      ]);
      const { name, cells, registry } = await loadPipeline(file, { set });
      const { cell, number } = chooseCell(cells, run);
      const plan = planRun(cell.pipeline, registry, cell.location);
      const [slots, bindings] = [explainSlots(plan, cell), explainBindings(plan)];
      if (json)
        return printJson({
          pipeline: name,
          run: { number, of: cells.length, label: cell.label },
          slots: slots.map(plain),
          bindings,
        });
      const which = `run ${number} of ${cells.length}: ${cell.label}${run === undefined ? ' (`--run` chooses another)' : ''}`;
      const title = cells.length > 1 ? `${name}, ${which}` : name;
      process.stdout.write(`${title}\n\n${slots.map(formatSlot).join('')}\n${formatBindings(bindings)}`);
    });
  return examples(
    command,
    'ssql explain pipeline.yaml',
    'ssql explain pipeline.yaml --run 2',
    'ssql explain pipeline.yaml --json',
  );
}

function explainSlots({ plugins }: RunPlan, cell: LoadedCell): ExplainedSlot[] {
  return plugins.map(({ kind, path, plugin, from, uses }) => ({
    slot: path.join('.'),
    kind,
    plugin: plugin.name,
    package: from.name,
    version: from.version ?? 'unknown',
    origin: cell.origin([...path, 'use']),
    uses: uses.map((used) => ({ kind: used.kind, slot: used.path.join('.') })),
  }));
}

function explainBindings({ given, plugins }: RunPlan): ExplainedBinding[] {
  const name = (token: symbol): string => token.description ?? '';
  return [
    ...given.map((token) => ({ token: name(token), needs: [] })),
    ...plugins.map(({ token, needs }) => ({ token: name(token), needs: needs.map(name) })),
  ];
}

/** The frame of a place is for eyes. */
function plain({ origin, ...slot }: ExplainedSlot): object {
  if (origin.from === 'default') return { ...slot, origin };
  const { frame: _frame, ...location } = origin.location;
  return { ...slot, origin: { ...origin, location } };
}

const COLUMN = 35;

function formatSlot({ slot, kind, plugin, package: from, version, origin, uses }: ExplainedSlot): string {
  const via = origin.from === 'default' ? [] : (origin.location.via ?? []);
  return [
    `${slot.padEnd(COLUMN)} ${plugin}\n`,
    `    ${kind} of ${from} ${version}\n`,
    `    ${formatOrigin(origin)}\n`,
    ...via.toReversed().map((location) => `    extended by ${location}\n`),
    ...uses.map((used) => `    uses the ${used.kind} at ${used.slot}\n`),
  ].join('');
}

function formatBindings(bindings: readonly ExplainedBinding[]): string {
  const lines = bindings.map(({ token, needs }) => [
    token,
    needs.length === 0 ? '(given)' : `<- ${needs.map((need) => need.replace(/^ssql\./, '')).join(', ')}`,
  ]);
  return `Bindings of the container:\n${rows(lines.map(([token = '', needs = '']) => [`  ${token.replace(/^ssql\./, '')}`, needs]))}`;
}
