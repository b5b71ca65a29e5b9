import { defineImageSet } from './define-image-set.js';

/** 200 species of birds. */
export const cub200 = defineImageSet({
  name: 'cub200',
  summary: 'Caltech-UCSD Birds 200-2011 (200 species).',
  paper: 'Wah et al., The Caltech-UCSD Birds-200-2011 Dataset, 2011.',
  layout:
    'The unpacked folder CUB_200_2011, with images/, images.txt, classes.txt, image_class_labels.txt and train_test_split.txt.',
  list({ lines }) {
    // Each file has lines `<number> <value>`.
    const table = (file: string): ReadonlyMap<string, string> =>
      new Map(lines(file).map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trim()]));
    const [labels, training] = [table('image_class_labels.txt'), table('train_test_split.txt')];
    const images = [...table('images.txt')].map(([number, path]) => ({
      path: `images/${path}`,
      label: Number(labels.get(number) ?? 0) - 1,
      trains: training.get(number) === '1',
    }));
    const of = (trains: boolean) => images.filter((image) => image.trains === trains);
    return { classes: [...table('classes.txt').values()], train: of(true), test: of(false) };
  },
});
