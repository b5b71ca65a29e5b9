import { defineImageSet, type LabelledPath } from './define-image-set.js';

/** 102 kinds of flowers. */
export const flowers102 = defineImageSet({
  name: 'flowers102',
  summary:
    'Flowers-102 (102 kinds of flowers, which have numbers for names), with its splits `validation` and `trainval`.',
  paper: 'Nilsback and Zisserman, Automated Flower Classification over a Large Number of Classes, 2008.',
  layout: 'The folder with jpg/ (102flowers.tgz unpacked), imagelabels.mat and setid.mat.',
  files: [
    {
      url: 'https://www.robots.ox.ac.uk/~vgg/data/flowers/102/102flowers.tgz',
      md5: '52808999861908f626f3c1f4e79d11fa',
      strip: 0,
    },
    {
      url: 'https://www.robots.ox.ac.uk/~vgg/data/flowers/102/imagelabels.mat',
      md5: 'e0620be6f572b9609742df49c70aed4d',
    },
    { url: 'https://www.robots.ox.ac.uk/~vgg/data/flowers/102/setid.mat', md5: 'a5357ecc9cb78c4bef273ce3793fc85c' },
  ],
  list({ variable }) {
    const labels = variable('imagelabels.mat', 'labels') as readonly number[];
    // Images and classes are numbered from 1.
    const split = (ids: string): readonly LabelledPath[] =>
      (variable('setid.mat', ids) as readonly number[]).map((id) => ({
        path: `jpg/image_${String(id).padStart(5, '0')}.jpg`,
        label: (labels[id - 1] ?? 0) - 1,
      }));
    const [train, validation] = [split('trnid'), split('valid')];
    const classes = Array.from({ length: Math.max(...labels) }, (_, index) => String(index + 1));
    return { classes, train, test: split('tstid'), splits: { validation, trainval: [...train, ...validation] } };
  },
});
