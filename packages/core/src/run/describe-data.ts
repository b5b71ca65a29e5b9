import { trainingData } from '../container/chosen-splits.js';
import { tokenOf } from '../container/plan.js';
import { openProcess } from '../container/process-scope.js';
import { runServices } from '../container/run-scope.js';
import { within } from '../container/scope.js';
import { SsqlError } from '../errors.js';
import type { ImageShape } from '../kinds/augmentation.js';
import type { Split } from '../kinds/data.js';
import { sizeOf } from '../values.js';
import type { LoadedCell, LoadedPipeline } from '../pipeline/load.js';

export interface DataDescription {
  readonly name: string;
  /** Of the images that augmentations get. */
  readonly shape: ImageShape;
  readonly splits: readonly SplitDescription[];
  /** Of the images that train, by channel, of values from 0 to 1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** What the dataset says, such as how many images it left out. */
  readonly notes: readonly string[];
}

interface SplitDescription {
  readonly name: string;
  readonly images: number;
  /** Images of each class, by name; none if the split is unlabelled. */
  readonly classes?: { readonly [name: string]: number };
  /** Of the images before they were resized; none if all have the dataset's shape. */
  readonly originals?: { readonly height: DataRange; readonly width: DataRange };
  /** Why images cannot be decoded, one text for each, also of those that are left out. */
  readonly broken: readonly string[];
}

/** Of numbers of pixels. */
export interface DataRange {
  readonly smallest: number;
  readonly median: number;
  readonly largest: number;
}

/** Images that are read at once, and the bytes of their pixels. */
const BATCH = { images: 128, bytes: 2 ** 28 };

/** Describes the data of a cell. Reads every image once, makes no other plugin and opens no engine. */
export async function describeData(loaded: LoadedPipeline, cell: LoadedCell): Promise<DataDescription> {
  return within(await openProcess(loaded), async (process) =>
    within(await process.open('run', runServices(loaded, cell)), async (run) => {
      const dataset = await run.get(tokenOf<'data'>(['data']));
      const { name, shape, train, test, classes, notes = [] } = dataset;
      const trained = trainingData(cell, dataset).train;
      const moments = momentsOf(shape[2]);
      const splits: SplitDescription[] = [];
      for (const [key, split] of Object.entries({ train, test, ...dataset.splits })) {
        const broken = await readAll(split, sizeOf(shape), (pixels) => split === trained && moments.add(pixels));
        splits.push({
          name: key,
          images: split.size,
          ...countsOf(split, classes),
          ...(await originalsOf(split)),
          broken: [...(split.leftOut ?? []), ...broken],
        });
      }
      return { name, shape, splits, ...moments.result(), notes };
    }),
  );
}

function countsOf({ labels }: Split, classes: readonly string[]): Pick<SplitDescription, 'classes'> {
  if (labels === undefined) return {};
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  return { classes: Object.fromEntries(classes.map((name, label) => [name, counts[label]!])) };
}

async function originalsOf({ size, originalSizes }: Split): Promise<Pick<SplitDescription, 'originals'>> {
  if (originalSizes === undefined) return {};
  const sides: readonly [heights: number[], widths: number[]] = [[], []];
  for (let first = 0; first < size; first += BATCH.images) {
    const sizes = await originalSizes(
      Array.from({ length: Math.min(BATCH.images, size - first) }, (_, at) => first + at),
    );
    sizes.forEach((pixels, at) => pixels > 0 && sides[at % 2]!.push(pixels));
  }
  const [height, width] = sides.map(rangeOf);
  return height === undefined || width === undefined ? {} : { originals: { height, width } };
}

/** Undefined if there are no values. */
function rangeOf(values: readonly number[]): DataRange | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [smallest, largest] = [sorted[0], sorted.at(-1)];
  if (smallest === undefined || largest === undefined) return undefined;
  const half = (sorted.length - 1) / 2;
  return { smallest, median: (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2, largest };
}

/** Reads a split in order and returns why images are broken. */
async function readAll(
  { size, read }: Split,
  imageBytes: number,
  use: (pixels: Uint8Array) => void,
): Promise<readonly string[]> {
  const broken: string[] = [];
  const readOrNote = async (first: number, end: number): Promise<void> => {
    try {
      use(await read(Array.from({ length: end - first }, (_, index) => first + index)));
    } catch (error) {
      if (!(error instanceof SsqlError) || error.code !== 'IMAGE_BROKEN') throw error;
      if (end - first === 1) return void broken.push(error.message);
      const middle = Math.floor((first + end) / 2);
      await readOrNote(first, middle);
      await readOrNote(middle, end);
    }
  };
  const count = Math.min(BATCH.images, Math.max(1, Math.floor(BATCH.bytes / imageBytes)));
  for (let first = 0; first < size; first += count) await readOrNote(first, Math.min(size, first + count));
  return broken;
}

/** Adds up bytes by channel; the sums are exact for all datasets that fit on a disk. */
function momentsOf(channels: number): {
  add(pixels: Uint8Array): void;
  result(): Pick<DataDescription, 'mean' | 'std'>;
} {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  let count = 0;
  return {
    add(pixels) {
      count += pixels.length / channels;
      for (let at = 0; at < pixels.length; at++) {
        sums[at % channels]! += pixels[at]!;
        squares[at % channels]! += pixels[at]! ** 2;
      }
    },
    result() {
      const mean = [...sums].map((sum) => sum / count / 255);
      const std = [...squares].map((sum, channel) =>
        Math.sqrt(Math.max(0, sum / count / 255 ** 2 - mean[channel]! ** 2)),
      );
      return { mean, std };
    },
  };
}
