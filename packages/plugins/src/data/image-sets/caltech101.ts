import { join } from 'node:path';
import { permutation, random } from '@ssql/core';
import { dataMissing } from '../data-errors.js';
import { listImageFiles } from '../images/list-image-files.js';
import { defineImageSet, type LabelledPath } from './define-image-set.js';

const IMAGES = '101_ObjectCategories';
/** Training images of each class, as is usual. The set has no lists. */
const TRAINING = 30;

/** 101 kinds of objects. */
export const caltech101 = defineImageSet({
  name: 'caltech101',
  summary:
    'Caltech-101 (101 kinds of objects): 30 drawn training images of each class, always the same ones; the others are test images.',
  paper: 'Fei-Fei et al., Learning Generative Visual Models from Few Training Examples, 2004.',
  layout: 'The folder with 101_ObjectCategories, of which BACKGROUND_Google is left out.',
  list({ root, has }) {
    if (!has(IMAGES)) throw dataMissing(join(root, IMAGES), 'Set `root` to the folder that contains it, unpacked.');
    const paths = listImageFiles(join(root, IMAGES)).map(({ path }) => path);
    const classes = [...new Set(paths.map(classOf))].filter((name) => name !== 'BACKGROUND_Google' && name !== '');
    const [train, test]: [LabelledPath[], LabelledPath[]] = [[], []];
    classes.forEach((name, label) => {
      const images = paths.filter((path) => classOf(path) === name);
      const drawn = new Set(permutation(images.length, random(0, 'caltech101', label)).subarray(0, TRAINING));
      images.forEach((path, index) => (drawn.has(index) ? train : test).push({ path: `${IMAGES}/${path}`, label }));
    });
    return { classes, train, test };
  },
});

function classOf(path: string): string {
  return path.slice(0, Math.max(0, path.indexOf('/')));
}
