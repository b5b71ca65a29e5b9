import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '../packages/core/src/index.js';
import { differenceRows, pairsNote, type DifferenceRow } from '../packages/core/src/report/differences.js';
import { verdicts } from '../packages/core/src/report/finding.js';
import { metricText, resultPanels, type ResultPanel } from '../packages/core/src/report/result-panels.js';
import { groupRuns } from '../packages/core/src/report/group-runs.js';
import { comparisons, type RunGroup } from '../packages/core/src/report/run-groups.js';
import { averageLine, differenceLines, meanLines, seedLines } from './result-lines.js';

const START = '<!-- results ';
const BLOCK = /(<!-- results ([^:>]+):([^>]*)-->\n)[^]*?(<!-- end of results -->)/g;
const EXAMPLE = '<!-- results <files>: stage=<stage> -->, and on a later line <!-- end of results -->';
const OPTIONS = ['stage', 'classifier', 'metric', 'precisions', 'show', 'along'];
const PARTS = ['means', 'differences', 'average', 'seeds', 'verdicts'];

type Options = ReadonlyMap<string, string>;

/**
 * Fills the marked blocks of a Markdown file from results that `ssql run --json` printed:
 *
 *     <!-- results results/simsiam.json: stage=linear-probe precisions=float,w4a4 show=means,differences -->
 *     <!-- end of results -->
 *
 * - files: one or more, relative to the Markdown file. Runs of a file are compared with each other; runs of several, if `+` joins their names
 * - `stage`: the stage that evaluated; `classifier`: `matched` unless it says `float`; `metric`: its first word, `accuracy` if omitted
 * - `precisions`: the columns; all that were evaluated if omitted
 * - `show`: `means` over seeds; `differences` of pairs of runs with equal seeds, with their intervals; their `average`; the difference of each
 *   of the `seeds`; the `verdicts` of the intervals in words. `means,differences,verdicts` if omitted
 * - `along`: the value of the matrix that compared runs differ in; `quantization.wrap` if omitted
 * @param folder the folder of the Markdown file
 */
export async function fillResults(text: string, folder: string): Promise<string> {
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length !== text.split(START).length - 1)
    throw new Error(`${folder}: a block of results is incomplete. Write ${EXAMPLE}.`);
  const tables = await Promise.all(
    blocks.map(async ([, start = '', files = '', options = '', end = '']) => {
      const compared = files
        .trim()
        .split(/\s+/)
        .map((joined) => joined.split('+').map((file) => join(folder, file)));
      const table = await resultTable(compared, options).catch((error: unknown) => {
        throw new Error(`${compared.flat().join(', ')}: ${error instanceof Error ? error.message : String(error)}`);
      });
      return `${start}\n${table}\n\n${end}`;
    }),
  );
  return text.replace(BLOCK, () => tables.shift() ?? '');
}

async function resultTable(compared: readonly (readonly string[])[], text: string): Promise<string> {
  const options = readOptions(text);
  const sets = await Promise.all(compared.map(async (files) => (await Promise.all(files.map(readGroups))).flat()));
  const groups = sets.flat();
  const repeated = groups.find(({ label }, index) => groups.findIndex((other) => other.label === label) < index);
  if (repeated) throw new Error(`two rows are called "${repeated.label}". Set \`labels\` in one of the pipelines.`);
  const panel = choosePanel(resultPanels(groups), options);
  const rows = differenceRows(
    panel,
    sets.flatMap((set) => comparisons(set, options.get('along'))),
  );
  const show = options.get('show')?.split(',') ?? ['means', 'differences', 'verdicts'];
  const unknown = show.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new Error(`\`show\` cannot be \`${unknown}\`. Write some of ${PARTS.join(', ')}.`);
  const lines = [
    [metricText(panel), ...panel.precisions],
    ['---', ...panel.precisions.map(() => '--:')],
    ...(show.includes('means') ? meanLines(panel) : []),
    ...(show.includes('differences') ? differenceLines(panel, rows) : []),
    ...(show.includes('average') ? [averageLine(panel, rows)] : []),
    ...(show.includes('seeds') ? seedLines(panel, rows) : []),
  ];
  const sentences = show.includes('verdicts') ? rows.flatMap((row) => verdicts(row, panel)) : [];
  return [
    lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n'),
    note(panel, rows, show),
    sentences.map((sentence) => `- ${sentence}.`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function readOptions(text: string): Options {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const options = new Map(words.map((word) => word.split('=') as [name: string, value: string]));
  const unknown = [...options].find(([name, value]) => !OPTIONS.includes(name) || value === undefined);
  if (unknown) throw new Error(`\`${unknown.join('=')}\` is no option. Write ${OPTIONS.join('=…, ')}=….`);
  return options;
}

async function readGroups(file: string): Promise<readonly RunGroup[]> {
  // Groups and panels read no more of a run than `ssql run --json` prints.
  const { runs } = JSON.parse(await readFile(file, 'utf8')) as { readonly runs: readonly RunRecord[] };
  return groupRuns(runs);
}

function choosePanel(panels: readonly ResultPanel[], options: Options): ResultPanel {
  const [stage, classifier = 'matched'] = [options.get('stage'), options.get('classifier')];
  const metric = options.get('metric') ?? 'accuracy';
  const panel = panels.find((candidate) => nameOf(candidate) === nameOf({ stage, classifier, metric }));
  if (panel === undefined)
    throw new Error(
      `no results of ${nameOf({ stage, classifier, metric })}. Write one of: ${panels.map(nameOf).join('; ')}.`,
    );
  const precisions = options.get('precisions')?.split(',') ?? panel.precisions;
  const unknown = precisions.find((precision) => !panel.precisions.includes(precision));
  if (unknown !== undefined)
    throw new Error(`nothing was evaluated at ${unknown}. Write some of ${panel.precisions.join(', ')}.`);
  return { ...panel, precisions };
}

function nameOf({
  stage,
  classifier,
  metric,
}: {
  stage: string | undefined;
  classifier: string;
  metric: string;
}): string {
  return `stage=${stage} classifier=${classifier} metric=${metric.split(' ')[0]}`;
}

function note({ rows }: ResultPanel, differences: readonly DifferenceRow[], show: readonly string[]): string {
  const seeds = rows.flatMap(({ cells }) => [...cells.values()].map(({ values }) => values.length));
  const [least, most] = [Math.min(...seeds), Math.max(...seeds)];
  const means = most === 1 ? 'one seed' : `means of ${least === most ? most : `${least} to ${most}`} seeds`;
  const parts = [
    ...(show.includes('means') ? [means] : []),
    ...(show.includes('differences') && differences.length > 0 ? [`differences: ${pairsNote(differences)}`] : []),
  ];
  return parts.length === 0 ? '' : `_${parts.join('; ').replace(/^./, (letter) => letter.toUpperCase())}._`;
}
