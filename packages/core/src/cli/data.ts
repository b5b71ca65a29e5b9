import { join } from 'node:path';
import { Command } from 'commander';
import { unknownPlugin } from '../plugin/plugin-errors.js';
import { printableLine } from '../printable.js';
import type { DataDescription, DataRange } from '../run/describe-data.js';
import { chooseCell } from './choose-cell.js';
import { examples } from './examples.js';
import { fit, formatBar, shareOf } from './fit.js';
import { jsonOption, printJson } from './json-option.js';
import { createLiveLine } from './live-line.js';
import { pluginOption } from './plugin-option.js';
import { rows } from './rows.js';
import { setOption } from './set-option.js';

interface DataFlags {
  readonly run?: string;
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** `ssql data ...`: commands about the images of a pipeline. */
export function dataCommand(): Command {
  const command = new Command('data').description('Download published images, or describe those of a pipeline.');
  for (const subcommand of [getDataCommand(), describeDataCommand()]) command.addCommand(subcommand);
  return examples(command, 'ssql data describe pipeline.yaml', 'ssql data get mine --plugin ./mine.js');
}

interface GetFlags {
  readonly to?: string;
  readonly plugin: readonly string[];
}

/** `ssql data get <name>`: downloads a published set of images, checks and unpacks it. */
function getDataCommand(): Command {
  const command = new Command('get')
    .description(
      "Download a published set of images from its publisher's address, check and unpack it. A download that stopped is continued, and a file that is there already is used and kept. Where there is no network, it says which file to put where.",
    )
    .argument('<name>', 'the name of the data plugin: `ssql list data` lists them')
    .option('--to <folder>', 'the folder of the files; default: data/<name>')
    .addOption(pluginOption())
    .action(async (name: string, { to = join('data', name), plugin: packages }: GetFlags) => {
      const [{ discoverRegistry }, { getData }] = await Promise.all([
        import('../plugin/discover.js'),
        import('../run/get-data.js'),
      ]);
      const registry = await discoverRegistry(packages, process.cwd());
      const plugin = registry.get('data', name);
      if (plugin === undefined) {
        const known = registry.list('data').map((each) => each.name);
        throw unknownPlugin('data', name, known, undefined);
      }
      const live = createLiveLine(process.stderr, { now: Date.now });
      const onProgress = (file: string, done: number, total: number | undefined): void =>
        live.update({ task: file, line: (columns) => progressLine(file, done, total, columns) });
      try {
        for (const { archive, mark } of await getData(plugin, to, { onProgress }))
          live.note(`${archive} was unpacked here before. To download it again, remove ${mark}.`);
      } finally {
        live.end();
      }
      process.stdout.write(`${name}: ${to}\n`);
    });
  return examples(
    command,
    'ssql data get mine --plugin ./mine.js',
    'ssql data get mine --plugin ./mine.js --to /data/mine',
  );
}

function progressLine(file: string, done: number, total: number | undefined, columns: number): string {
  const megabytes = `${Math.floor(done / 1e6)} MB`;
  if (total === undefined) return fit([`${file}  ${megabytes}`], columns);
  const share = shareOf(done, total);
  return fit([`${file}  ${formatBar(share, 16)}  ${megabytes}`, `${file}  ${megabytes}`], columns);
}

/** `ssql data describe <file>`: counts images, states their original sizes, computes their mean and deviation, and lists images that cannot be decoded. */
function describeDataCommand(): Command {
  const command = new Command('describe')
    .description(
      'Count the images of each split and class, compute the mean and standard deviation of the training images, and list broken files. Images of a folder or an archive: their sizes before they are resized. Reads every image.',
    )
    .argument('<file>', 'the pipeline, a YAML file')
    .option('--run <label or number>', 'run of the matrix; default: the first')
    .addOption(setOption())
    .addOption(jsonOption('the description'))
    .action(async (file: string, { run, set, json = false }: DataFlags) => {
      const [{ loadPipeline }, { describeData }] = await Promise.all([
        import('../pipeline/load.js'),
        import('../run/describe-data.js'),
      ]);
      const loaded = await loadPipeline(file, { set });
      const described = await describeData(loaded, chooseCell(loaded.cells, run).cell);
      if (json) return printJson(described);
      process.stdout.write(printed(described));
    });
  return examples(command, 'ssql data describe pipeline.yaml', 'ssql data describe pipeline.yaml --json');
}

function printed({ name, shape, splits, mean, std, notes }: DataDescription): string {
  const classes = [...new Set(splits.flatMap((split) => Object.keys(split.classes ?? {})))];
  const counts = [
    ['', ...splits.map((split) => split.name)],
    ['images', ...splits.map(({ images }) => String(images))],
    ['broken', ...splits.map(({ broken }) => String(broken.length))],
    ...classes.map((label) => [`  ${label}`, ...splits.map((split) => String(split.classes?.[label] ?? ''))]),
  ];
  const originals = (['height', 'width'] as const).map((side) => [
    `original ${side}`,
    ...splits.map((split) => rangeText(split.originals?.[side])),
  ]);
  const broken = splits.flatMap((split) =>
    split.broken.map((reason) => `${printableLine(`${split.name}: ${reason}`)}\n`),
  );
  const list = (values: readonly number[]): string => `[${values.map((value) => value.toFixed(4)).join(', ')}]`;
  return [
    `${name}, images of ${shape.join('x')}\n\n`,
    rows(counts),
    ...(splits.some((split) => split.originals) ? ['\n', rows(originals)] : []),
    `\nTo normalize by, from 0 to 1:\n  { mean: ${list(mean)}, std: ${list(std)} }\n`,
    ...(broken.length > 0 ? ['\nBroken:\n', ...broken] : []),
    ...notes.map((note) => `\n${printableLine(note)}\n`),
  ].join('');
}

function rangeText(range: DataRange | undefined): string {
  return range === undefined ? '' : `${range.smallest} to ${range.largest}, median ${range.median}`;
}
