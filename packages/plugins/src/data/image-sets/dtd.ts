import { defineImageSet } from './define-image-set.js';

/** 47 textures. */
export const dtd = defineImageSet({
  name: 'dtd',
  summary:
    'Describable Textures (47 textures): the first of its ten partitions, with its splits `validation` and `trainval`.',
  paper: 'Cimpoi et al., Describing Textures in the Wild, 2014.',
  layout: 'The unpacked folder dtd, with images/, labels/train1.txt, labels/val1.txt and labels/test1.txt.',
  files: [
    {
      url: 'https://www.robots.ox.ac.uk/~vgg/data/dtd/download/dtd-r1.0.1.tar.gz',
      md5: 'fff73e5086ae6bdbea199a49dfb8a4c1',
      strip: 1,
    },
  ],
  list({ lines }) {
    const [train, validation, test] = ['train1', 'val1', 'test1'].map((split) => lines(`labels/${split}.txt`)) as [
      readonly string[],
      readonly string[],
      readonly string[],
    ];
    const textureOf = (line: string): string => line.slice(0, line.indexOf('/'));
    const classes = [...new Set([...train, ...validation, ...test].map(textureOf))].sort();
    const labelled = (images: readonly string[]) =>
      images.map((line) => ({ path: `images/${line.trim()}`, label: classes.indexOf(textureOf(line)) }));
    const splits = { validation: labelled(validation), trainval: labelled([...train, ...validation]) };
    return { classes, train: labelled(train), test: labelled(test), splits };
  },
});
