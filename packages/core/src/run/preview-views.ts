import { COMPOSITION } from '../container/composition.js';
import { openProcess } from '../container/process-scope.js';
import { ENGINE, runServices, VIEWS } from '../container/run-scope.js';
import { within } from '../container/scope.js';
import type { Tf } from '../engine/engine.js';
import type { ImageShape } from '../kinds/augmentation.js';
import type { LoadedCell, LoadedPipeline } from '../pipeline/load.js';
import { epochOrders } from '../train/pretrain.js';
import { readImages } from '../train/read-images.js';
import type { PreparedRecipe } from '../train/recipe.js';
import { imageTensor } from '../train/views.js';

export interface PreviewImage {
  readonly shape: ImageShape;
  /** One byte per value, [H,W,C]. */
  readonly pixels: Uint8Array;
  /** What augmentations do with their random numbers, one text for each. */
  readonly captions: readonly string[];
}

export interface PreviewRow {
  /** The image's index in the training split. */
  readonly sample: number;
  readonly class?: string | undefined;
  readonly original: PreviewImage;
  readonly views: readonly PreviewImage[];
}

/**
 * The first images that training takes in an epoch, and their views. Views are shown without what evaluation does to colors
 * (normalization), so that they can be looked at.
 */
export async function previewViews(
  loaded: LoadedPipeline,
  cell: LoadedCell,
  { images: count, epoch }: { readonly images: number; readonly epoch: number },
  note: (line: string) => void,
): Promise<readonly PreviewRow[]> {
  const { seed } = cell.pipeline;
  return within(await openProcess(loaded, note), async (process) =>
    within(await process.open('run', runServices(loaded, cell)), async (run) => {
      const { tf } = await run.get(ENGINE);
      const views = await run.get(VIEWS);
      const { dataset } = await run.get(COMPOSITION);
      const { train, shape, classes } = dataset;
      const samples = epochOrders(train.size, seed)(epoch).slice(0, count);
      const { images: bytes, sizes } = await readImages(train, samples);
      const shown: (readonly PreviewImage[])[] = [];
      for (let view = 0; view < views.count; view++) {
        const recipe = views.recipe(view);
        const drawn = recipe.draw({ seed, epoch, view }, samples, sizes);
        shown.push(await imagesOf(tf, recipe, bytes, shape, drawn));
      }
      return Array.from(samples, (sample, row) => ({
        sample,
        class: train.labels && classes[train.labels[sample]!],
        original: { shape, pixels: part(bytes, row, shape), captions: [] },
        views: shown.map((images) => images[row]!),
      }));
    }),
  );
}

async function imagesOf(
  tf: Tf,
  recipe: PreparedRecipe,
  bytes: Uint8Array,
  shape: ImageShape,
  drawn: Float32Array,
): Promise<readonly PreviewImage[]> {
  const views = tf.tidy(() => {
    const images = imageTensor(tf, bytes, shape);
    return recipe.apply(images, tf.tensor2d(drawn, [images.shape[0], recipe.draws]));
  });
  const values = await views.data();
  views.dispose();
  const channels = recipe.shape[2];
  const [black, white] = await extremes(tf, recipe, shape);
  const pixels = Uint8Array.from(values, (value, index) => {
    const low = black[index % channels]!;
    const range = white[index % channels]! - low;
    return Math.round(255 * Math.min(1, Math.max(0, range === 0 ? value : (value - low) / range)));
  });
  return Array.from({ length: values.length / pixelsIn(recipe.shape) }, (_, row) => ({
    shape: recipe.shape,
    pixels: part(pixels, row, recipe.shape),
    captions: recipe.describe([...drawn.slice(row * recipe.draws, (row + 1) * recipe.draws)]),
  }));
}

/** What evaluation makes of black and of white, by channel: the value in the middle of such images. */
async function extremes(
  tf: Tf,
  recipe: PreparedRecipe,
  shape: ImageShape,
): Promise<readonly [black: Float32Array, white: Float32Array]> {
  const bytes = new Uint8Array(2 * pixelsIn(shape)).fill(255, pixelsIn(shape));
  const middles = tf.tidy(() => {
    const images = recipe.evaluate(imageTensor(tf, bytes, shape));
    const [, height, width, channels] = images.shape;
    return tf.slice(images, [0, Math.floor(height / 2), Math.floor(width / 2), 0], [2, 1, 1, channels]);
  });
  const values = (await middles.data()) as Float32Array;
  middles.dispose();
  return [values.subarray(0, values.length / 2), values.subarray(values.length / 2)];
}

/** The bytes of one image among many. */
function part(bytes: Uint8Array, row: number, shape: ImageShape): Uint8Array {
  return bytes.subarray(row * pixelsIn(shape), (row + 1) * pixelsIn(shape));
}

function pixelsIn([height, width, channels]: ImageShape): number {
  return height * width * channels;
}
