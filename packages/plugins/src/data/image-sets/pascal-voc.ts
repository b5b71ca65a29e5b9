import { defineImageSet } from './define-image-set.js';

/** The images of Pascal VOC. */
export const pascalVoc = defineImageSet({
  name: 'pascal-voc',
  summary:
    'The images of Pascal VOC, or of data in its layout, without labels: an image has boxes of several classes, which are not read.',
  paper: 'Everingham et al., The Pascal Visual Object Classes (VOC) Challenge, 2010.',
  layout:
    'A folder such as VOCdevkit/VOC2012, with JPEGImages/ and ImageSets/Main/train.txt, val.txt and, if there is one, test.txt.',
  files: [
    {
      url: 'https://thor.robots.ox.ac.uk/pascal/VOC/voc2012/VOCtrainval_11-May-2012.tar',
      md5: '6cd6e144f989b92b3379bac3b3de84fd',
      strip: 2,
    },
  ],
  list({ lines, has }) {
    const read = (split: string) =>
      lines(`ImageSets/Main/${split}.txt`).map((line) => ({ path: `JPEGImages/${line.trim()}.jpg` }));
    const [train, validation] = [read('train'), read('val')];
    // The test images of most years were not published.
    const test = has('ImageSets/Main/test.txt') ? read('test') : validation;
    return { classes: [], train, test, splits: { validation, trainval: [...train, ...validation] } };
  },
});
