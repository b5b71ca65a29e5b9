import { dataInvalid } from '../data-errors.js';
import type { ListedImage } from './image-dataset.js';

/** An image with the text of its label, or without. */
export type TextLabelled = Omit<ListedImage, 'label'> & { readonly text?: string | undefined };

interface LabelledSplits {
  readonly classes: readonly string[];
  readonly splits: { readonly [name: string]: readonly ListedImage[] };
}

/**
 * Gives images the positions of their labels among all labels, in the order of numbers if all are whole numbers.
 * @throws SsqlError DATA_INVALID if only some images of a split are labelled
 */
export function labelImages(
  source: string,
  splits: { readonly [name: string]: readonly TextLabelled[] },
): LabelledSplits {
  for (const [name, images] of Object.entries(splits)) {
    const without = images.filter(({ text }) => text === undefined);
    if (without.length > 0 && without.length < images.length)
      throw dataInvalid(
        `${source}: ${without.length} of the ${images.length} images of \`${name}\` have no label, for example ${without[0]!.path}. ` +
          'Label all images of a split, or none.',
      );
  }
  const texts = Object.values(splits).flatMap((images) => images.flatMap(({ text }) => text ?? []));
  const classes = [...new Set(texts)].sort();
  if (classes.every((text) => /^\d+$/.test(text))) classes.sort((a, b) => Number(a) - Number(b));
  const positions = new Map(classes.map((text, position) => [text, position]));
  const labelled = ({ text, ...image }: TextLabelled): ListedImage => {
    const label = text === undefined ? undefined : positions.get(text);
    return label === undefined ? image : { ...image, label };
  };
  return {
    classes,
    splits: Object.fromEntries(Object.entries(splits).map(([name, images]) => [name, images.map(labelled)])),
  };
}
