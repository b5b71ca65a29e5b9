import { Command, InvalidArgumentError, Option } from 'commander';
import { chooseCell } from './choose-cell.js';
import { examples } from './examples.js';
import { note } from './note.js';
import { checkPictureOf, writeOutput } from './output-file.js';
import { setOption } from './set-option.js';

interface PreviewFlags {
  readonly run?: string;
  readonly images: number;
  readonly epoch: number;
  readonly out: string;
  readonly set: readonly string[];
}

/** `ssql preview <file>`: draws images with their augmented views, as training would see them. Trains nothing. */
export function previewCommand(): Command {
  const command = new Command('preview')
    .description('Show images and their augmented views with the parameters that were drawn, as a picture and a page.')
    .argument('<file>', 'the pipeline, a YAML file')
    .option('--run <label or number>', 'run of the matrix; default: the first')
    .addOption(new Option('--images <count>', 'images to show, 1 to 64').argParser(between(1, 64)).default(8))
    .addOption(new Option('--epoch <number>', 'the epoch, from 0').argParser(between(0, 1e6)).default(0))
    .option('--out <path>', 'the files to write, without their endings .png and .html', 'preview')
    .addOption(setOption())
    .action(async (file: string, { run, images, epoch, out, set }: PreviewFlags) => {
      const [{ loadPipeline }, { previewViews }, sheets] = await Promise.all([
        import('../pipeline/load.js'),
        import('../run/preview-views.js'),
        import('../report/contact-sheet.js'),
      ]);
      const [picture, page] = [`${out}.png`, `${out}.html`];
      await checkPictureOf(page, picture);
      const loaded = await loadPipeline(file, { set });
      const { cell } = chooseCell(loaded.cells, run);
      const rows = await previewViews(loaded, cell, { images, epoch }, note);
      const title = [loaded.name, cell.label, `epoch ${epoch}`].filter((text) => text !== '').join(', ');
      const svg = await sheets.contactSheet(title, rows);
      // The page first: it says that the picture is ours.
      await writeOutput(page, sheets.contactSheetPage(title, svg));
      await writeOutput(picture, await sheets.contactSheetPng(svg));
      process.stdout.write(
        `Images: ${rows.length}\nViews of each: ${rows[0]?.views.length ?? 0}\nPicture: ${picture}\nPage: ${page}\n`,
      );
    });
  return examples(
    command,
    'ssql preview pipeline.yaml',
    'ssql preview pipeline.yaml --images 16 --epoch 3 --out views',
    'ssql preview pipeline.yaml --set augment.0.with.scale.0=0.5',
  );
}

function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
  };
}
