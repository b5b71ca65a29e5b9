import { defineImageSet } from './define-image-set.js';

/** 101 dishes. */
export const food101 = defineImageSet({
  name: 'food101',
  summary: 'Food-101 (101 dishes, 1,000 images each).',
  paper: 'Bossard et al., Food-101: Mining Discriminative Components with Random Forests, 2014.',
  layout: 'The unpacked folder food-101, with images/, meta/classes.txt, meta/train.txt and meta/test.txt.',
  files: [
    { url: 'http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz', md5: '85eeb15f3717b99a5da872d97d918f87', strip: 1 },
  ],
  list({ lines }) {
    const classes = lines('meta/classes.txt').map((line) => line.trim());
    const read = (split: string) =>
      lines(`meta/${split}.txt`).map((line) => ({
        path: `images/${line.trim()}.jpg`,
        label: classes.indexOf(line.slice(0, line.indexOf('/'))),
      }));
    return { classes, train: read('train'), test: read('test') };
  },
});
