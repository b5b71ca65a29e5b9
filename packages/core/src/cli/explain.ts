import { Command } from 'commander';
import type { PlannedPlugin } from '../container/plan.js';
import type { Scope } from '../container/scope.js';
import { tokenName } from '../container/token.js';
import type { LoadedCell } from '../pipeline/load.js';
import type { Path } from '../pipeline/locate.js';
import { formatOrigin, type Origin } from '../pipeline/origin.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { chooseCell } from './choose-cell.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { outputColumns } from './output-columns.js';
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
  /** The place that selects the plugin. */
  readonly origin: Origin;
  readonly needs: readonly { readonly kind: string; readonly slot: string }[];
  /** The views that an augmentation applies to, if the pipeline has views that differ. */
  readonly views?: string;
}

/** A service that a scope of the container creates once. */
interface ExplainedService {
  /** The lifetime of the service: the process, a run, or a session of a run. */
  readonly scope: string;
  readonly service: string;
  readonly needs: readonly string[];
}

/** `ssql explain <file>`: prints the plugin of each slot and its origin, and the services of the container. Creates none of them. */
export function explainCommand(): Command {
  const command = new Command('explain')
    .description('Show the plugins of a pipeline, the reason for each, and the services made from them.')
    .argument('<file>', 'the pipeline, a YAML file')
    .option('--run <label or number>', 'run of the matrix; default: the first')
    .addOption(setOption())
    .addOption(jsonOption('the explanation'))
    .action(async (file: string, { run, set, json = false }: ExplainFlags) => {
      const [{ loadPipeline }, { planPlugins }, { openScopes }] = await Promise.all([
        import('../pipeline/load.js'),
        import('../container/plan.js'),
        import('../run/open-scopes.js'),
      ]);
      const loaded = await loadPipeline(file, { set });
      const { name, cells, registry } = loaded;
      const { cell, number } = chooseCell(cells, run);
      const slots = explainSlots(planPlugins(cell.pipeline, registry, cell.location), cell);
      const services = (await openScopes(loaded, cell)).flatMap(explainScope);
      if (json)
        return printJson({
          pipeline: name,
          run: { number, of: cells.length, label: cell.label },
          slots: slots.map(plain),
          services,
        });
      const which = `run ${number} of ${cells.length}: ${cell.label}${run === undefined ? ' (`--run` selects another run)' : ''}`;
      const title = cells.length > 1 ? `${name}, ${which}` : name;
      process.stdout.write(`${title}\n\n${slots.map(formatSlot).join('')}\n${formatServices(services)}`);
    });
  return examples(
    command,
    'ssql explain pipeline.yaml',
    'ssql explain pipeline.yaml --run 2',
    'ssql explain pipeline.yaml --json',
  );
}

function explainSlots(planned: readonly PlannedPlugin[], cell: LoadedCell): ExplainedSlot[] {
  return planned.map(({ kind, path, plugin, from, needs }) => ({
    slot: path.join('.'),
    kind,
    plugin: plugin.name,
    package: from.name,
    version: from.version ?? 'unknown',
    origin: cell.origin([...path, 'use']),
    needs: needs.map((needed) => ({ kind: needed.kind, slot: needed.path.join('.') })),
    ...viewsAt(path, cell.pipeline),
  }));
}

/** `all views`, `views 3 to 8, of 24x24`. */
function viewsAt([key, group]: Path, { views }: Pipeline): { readonly views?: string } {
  if (views === undefined || (key !== 'augment' && key !== 'views')) return {};
  const index = Number(group);
  const settings = views[index];
  if (key === 'augment' || settings === undefined) return { views: 'all views' };
  const before = views.slice(0, index).reduce((sum, { count }) => sum + count, 0);
  const { count, size } = settings;
  const numbers = count === 1 ? `view ${before + 1}` : `views ${before + 1} to ${before + count}`;
  return { views: size === undefined ? numbers : `${numbers}, of ${size}x${size}` };
}

function explainScope({ name, services }: Scope): ExplainedService[] {
  return services.map(({ token, needs }) => ({ scope: name, service: tokenName(token), needs: needs.map(tokenName) }));
}

/** Removes the code frame of a location, which is for people. */
function plain({ origin, ...slot }: ExplainedSlot): object {
  if (origin.from === 'default') return { ...slot, origin };
  const { frame: _frame, ...location } = origin.location;
  return { ...slot, origin: { ...origin, location } };
}

const COLUMN = 35;

function formatSlot({ slot, kind, plugin, package: from, version, origin, needs, views }: ExplainedSlot): string {
  const via = origin.from === 'default' ? [] : (origin.location.via ?? []);
  return [
    `${slot.padEnd(COLUMN)} ${plugin}\n`,
    `    ${kind} of ${from} ${version}\n`,
    `    ${formatOrigin(origin)}\n`,
    ...via.toReversed().map((location) => `    extended by ${location}\n`),
    views === undefined ? '' : `    for ${views}\n`,
    ...needs.map((needed) => `    needs the ${needed.kind} at ${needed.slot}\n`),
  ].join('');
}

function formatServices(services: readonly ExplainedService[]): string {
  const scopes = [...new Set(services.map(({ scope }) => scope))];
  const sections = scopes.map((scope) => {
    const held = services.filter((entry) => entry.scope === scope);
    const lines = held.flatMap(({ service, needs }) =>
      wrapped(needs).map((text, index) => [index === 0 ? `  ${service}` : '', text]),
    );
    return `${LIFETIMES[scope] ?? scope}:\n${rows(lines, outputColumns())}`;
  });
  return `Services of the container\n\n${sections.join('\n')}`;
}

/** Names on lines of some forty characters, the first with an arrow. */
function wrapped(names: readonly string[]): readonly string[] {
  const lines = names.reduce<string[]>(
    (before, name, index) => {
      const text = index < names.length - 1 ? `${name},` : name;
      const line = `${before.at(-1) ?? ''} ${text}`;
      return line.length > 38 && index > 0 ? [...before, `   ${text}`] : [...before.slice(0, -1), line];
    },
    [names.length > 0 ? '<-' : ''],
  );
  return lines;
}

const LIFETIMES: { readonly [scope: string]: string } = {
  process: 'Once per process, shared by its runs',
  run: 'Once per run',
  session: 'Once per session of a run',
};
