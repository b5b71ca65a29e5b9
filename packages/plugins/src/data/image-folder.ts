import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { definePlugin } from '@ssql/core';
import { dataInvalid } from './data-errors.js';
import { requireFolder } from './files-of.js';
import { HELD_OUT_OPTIONS, heldOutSplits } from './images/held-out-splits.js';
import { imageDataset, type ListedImage } from './images/image-dataset.js';
import { IMAGE_OPTIONS, NEUTRAL_IMAGE_OPTIONS } from './images/image-options.js';
import { listImageFiles } from './images/list-image-files.js';

/** Images in a folder: torchvision's ImageFolder, with or without classes. */
export const imageFolder = definePlugin({
  kind: 'data',
  name: 'image-folder',
  summary: 'Images of any sizes in a folder: JPEG, PNG, WebP, GIF, TIFF, AVIF. Folders in it are classes.',
  neutral: NEUTRAL_IMAGE_OPTIONS,
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['root'],
    properties: {
      root: {
        type: 'string',
        minLength: 1,
        description:
          'The folder, relative to the pipeline file. If it has a folder `train`, its folders `train`, `test` and `val` are splits.',
      },
      labels: {
        enum: ['folders', 'none'],
        description:
          '`folders`: each folder is a class, with the images of the folders within. `none`: unlabelled. Default: `none` if the images are in no folders.',
      },
      ...HELD_OUT_OPTIONS,
      ...IMAGE_OPTIONS,
    },
  },
  create({ root, labels, test, validation, ...reading }, context) {
    const folder = resolve(context.folder, root);
    const folders = splitFolders(folder, labels !== 'none');
    const listed = new Map([...folders].map(([split, path]) => [split, listSplit(path)]));
    const classes = labels === 'none' ? [] : classesOf(folder, [...listed.values()].flat(), labels === 'folders');
    const splits = Object.fromEntries(
      [...listed].map(([split, images]) => [split, images.map((image) => labelled(image, classes))]),
    );
    const held = heldOutSplits(splits, { test, ...(validation !== undefined && { validation }) });
    return imageDataset(
      { name: 'image-folder', classes, splits: held, notes: leftOut(folder, [...folders.values()]) },
      reading,
      context,
    );
  },
});

/** Names of training and of other splits, such as those of other libraries: `Training`, `val2017`. */
const LIKE_SPLITS = [/^train(ing)?[-_]?\d*$/i, /^(test(ing)?|val(id(ation)?)?|eval(uation)?)[-_]?\d*$/i];

/**
 * The folders of the splits. Without `train`, the whole folder is the training data.
 * @param classes whether the folders in it are classes then
 */
function splitFolders(folder: string, classes: boolean): ReadonlyMap<string, string> {
  requireFolder(folder, 'Set `root` to a folder of images.');
  if (!isFolder(join(folder, 'train'))) {
    const names = foldersIn(folder).filter((name) => LIKE_SPLITS.some((like) => like.test(name)));
    if (classes && LIKE_SPLITS.every((like) => names.some((name) => like.test(name))))
      throw dataInvalid(
        `${folder} has the folders ${names.join(', ')}, which look like splits and would be classes. Name them train, test and val.`,
      );
    return new Map([['train', folder]]);
  }
  const folders = new Map([['train', join(folder, 'train')]]);
  const [validation] = ['val', 'validation', 'valid'].map((name) => join(folder, name)).filter(isFolder);
  const test = join(folder, 'test');
  // As with ImageNet, whose test images have no labels, `val` serves as the test split where there is no other.
  if (isFolder(test)) folders.set('test', test);
  if (validation !== undefined) folders.set(isFolder(test) ? 'validation' : 'test', validation);
  return folders;
}

/** Says which folders are left out because they are no splits: classes may stand beside one that is named `train`. */
function leftOut(folder: string, splits: readonly string[]): readonly string[] {
  if (splits.includes(folder)) return [];
  const names = foldersIn(folder).filter((name) => !splits.includes(join(folder, name)));
  return names.length === 0
    ? []
    : [
        `${folder} has a folder train, so its folders are splits. These are none, and are left out: ${names.join(', ')}.`,
      ];
}

function foldersIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.') && isFolder(join(folder, name)))
    .sort();
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

type Listed = Omit<ListedImage, 'label'>;

function listSplit(folder: string): readonly Listed[] {
  const images = listImageFiles(folder);
  if (images.length > 0) return images;
  throw dataInvalid(
    `${folder} has no images. Expected files .jpg, .png, .webp, .gif, .tif or .avif, or folders of them.`,
  );
}

/** The names of the classes, sorted; none if no image is in a folder of its split. */
function classesOf(folder: string, images: readonly Listed[], required: boolean): readonly string[] {
  const beside = images.find(({ path }) => !path.includes('/'));
  const classes = new Set(images.filter(({ path }) => path.includes('/')).map(({ path }) => classOf(path)));
  if (classes.size === 0 && !required) return [];
  if (beside === undefined) return [...classes].sort();
  throw dataInvalid(
    `${folder}: ${beside.file} is in no class folder. Move such images into the folders of their classes, or set \`labels: none\`.`,
  );
}

function classOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

function labelled(image: Listed, classes: readonly string[]): ListedImage {
  return classes.length === 0 ? image : { ...image, label: classes.indexOf(classOf(image.path)) };
}
