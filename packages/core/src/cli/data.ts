import { Command } from 'commander';
import type { DataDescription } from '../run/describe-data.js';
import { chooseCell } from './choose-cell.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { rows } from './rows.js';
import { setOption } from './set-option.js';

interface DataFlags {
  readonly run?: string;
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** `ssql data ...`: commands about the images of a pipeline. */
export function dataCommand(): Command {
  const command = new Command('data').description('Describe the images of a pipeline.');
  return examples(command.addCommand(describeDataCommand()), 'ssql data describe pipeline.yaml');
}

/** `ssql data describe <file>`: counts images, computes their mean and deviation, and lists images that cannot be decoded. */
function describeDataCommand(): Command {
  const command = new Command('describe')
    .description(
      'Count the images of each split and class, compute the mean and standard deviation of the training images, and list broken files. Reads every image.',
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
  const broken = splits.flatMap((split) => split.broken.map((reason) => `${split.name}: ${reason}\n`));
  const list = (values: readonly number[]): string => `[${values.map((value) => value.toFixed(4)).join(', ')}]`;
  return [
    `${name}, images of ${shape.join('x')}\n\n`,
    rows(counts),
    `\nTo normalize by, from 0 to 1:\n  { mean: ${list(mean)}, std: ${list(std)} }\n`,
    ...(broken.length > 0 ? ['\nBroken:\n', ...broken] : []),
    ...notes.map((note) => `\n${note}\n`),
  ].join('');
}
