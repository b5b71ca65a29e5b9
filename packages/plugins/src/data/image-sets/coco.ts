import { join } from 'node:path';
import { dataMissing } from '../data-errors.js';
import { listImageFiles } from '../images/list-image-files.js';
import { defineImageSet } from './define-image-set.js';

/** The images of COCO 2017. */
export const coco = defineImageSet({
  name: 'coco',
  summary:
    'The images of COCO 2017, without labels: boxes and masks are not read. With its split `unlabelled`, if its folder is there.',
  paper: 'Lin et al., Microsoft COCO: Common Objects in Context, 2014.',
  layout: 'The folder with train2017/ and val2017/.',
  list({ root, has }) {
    const read = (folder: string) => {
      if (!has(folder)) throw dataMissing(join(root, folder), 'Set `root` to the folder with train2017 and val2017.');
      return listImageFiles(join(root, folder)).map(({ path }) => ({ path: `${folder}/${path}` }));
    };
    return {
      classes: [],
      train: read('train2017'),
      test: read('val2017'),
      ...(has('unlabeled2017') && { splits: { unlabelled: read('unlabeled2017') } }),
    };
  },
});
