import { defineImageSet } from './define-image-set.js';

/** 37 breeds of cats and dogs. */
export const oxfordPets = defineImageSet({
  name: 'oxford-pets',
  summary: 'Oxford-IIIT Pets (37 breeds of cats and dogs).',
  paper: 'Parkhi et al., Cats and Dogs, 2012.',
  layout: 'The folder with images/ and annotations/, of which trainval.txt and test.txt are read.',
  files: [
    {
      url: 'https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz',
      md5: '5c4f3ee8e5d25df40f4fd59a7f44e54c',
      strip: 0,
    },
    {
      url: 'https://www.robots.ox.ac.uk/~vgg/data/pets/data/annotations.tar.gz',
      md5: '95a8c909bbe2e81eed6a22bccdf3f68f',
      strip: 0,
    },
  ],
  list({ lines }) {
    const classes: string[] = [];
    // Lines such as `Abyssinian_100 1 1 1`: image, class from 1, species, breed. Lines that begin with # are comments.
    const read = (split: string) =>
      lines(`annotations/${split}.txt`)
        .filter((line) => !line.startsWith('#'))
        .map((line) => {
          const [image = '', number] = line.split(' ');
          const label = Number(number) - 1;
          classes[label] ??= image.replace(/_\d+$/, '');
          return { path: `images/${image}.jpg`, label };
        });
    const [train, test] = [read('trainval'), read('test')];
    return { classes: Array.from(classes, (name, label) => name ?? `class ${label + 1}`), train, test };
  },
});
