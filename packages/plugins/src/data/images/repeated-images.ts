import { dataInvalid } from '../data-errors.js';
import type { ImageListing, ListedImage } from './image-dataset.js';

/**
 * What users should know of images that are listed more than once: nothing, or a sentence.
 * @throws SsqlError DATA_INVALID if an image has two labels
 */
export function repeatedImages(
  source: string,
  { classes, splits }: Pick<ImageListing, 'classes' | 'splits'>,
): readonly string[] {
  const firsts = new Map<ListedImage['file'], { readonly split: string; readonly image: ListedImage }>();
  const repeated = new Set<string>();
  const shared = new Map<string, string>();
  for (const [split, images] of Object.entries(splits))
    for (const image of images) {
      const { path, file, label } = image;
      const before = firsts.get(file);
      if (before === undefined || before.image.label === undefined) firsts.set(file, { split, image });
      if (before === undefined) continue;
      const { label: other } = before.image;
      if (label !== undefined && other !== undefined && label !== other)
        throw dataInvalid(
          `${source}: ${path} is listed as \`${classes[other]}\` and as \`${classes[label]}\`. List it with one label.`,
        );
      repeated.add(path);
      if (before.split !== split) shared.set(path, `\`${before.split}\` and \`${split}\``);
    }
  const [example] = repeated;
  if (example === undefined) return [];
  const [[path, places] = []] = shared;
  const where =
    path === undefined
      ? `, for example ${example}`
      : `, ${shared.size} of them in several splits, for example ${path} in ${places}. Accuracies on images that were trained on are too high`;
  return [`${source}: ${repeated.size} images are listed more than once${where}.`];
}
