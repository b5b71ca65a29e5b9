import { defineImageSet, type LabelledPath, type SetFiles } from './define-image-set.js';

/** 100 variants of aircraft. */
export const fgvcAircraft = defineImageSet({
  name: 'fgvc-aircraft',
  summary: 'FGVC-Aircraft (100 variants of aircraft), with its splits `validation` and `trainval`.',
  paper: 'Maji et al., Fine-Grained Visual Classification of Aircraft, 2013.',
  layout: 'The unpacked folder fgvc-aircraft-2013b, with data/images, data/variants.txt and data/images_variant_*.txt.',
  list(files) {
    const classes = files.lines('data/variants.txt').map((line) => line.trim());
    const read = (split: string) => readSplit(files, split, classes);
    const [train, validation] = [read('train'), read('val')];
    return { classes, train, test: read('test'), splits: { validation, trainval: [...train, ...validation] } };
  },
});

/** Lines such as `0034309 Boeing 707-320`. */
function readSplit(files: SetFiles, split: string, classes: readonly string[]): readonly LabelledPath[] {
  return files.lines(`data/images_variant_${split}.txt`).map((line) => {
    const space = line.indexOf(' ');
    return { path: `data/images/${line.slice(0, space)}.jpg`, label: classes.indexOf(line.slice(space + 1).trim()) };
  });
}
