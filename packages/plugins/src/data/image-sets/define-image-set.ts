import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { definePlugin, refuseSpecialFile, type DataFile, type Plugin } from '@ssql/core';
import { dataInvalid, dataMissing } from '../data-errors.js';
import { linesOf, requireFolder } from '../files-of.js';
import { imageDataset, type ListedImage } from '../images/image-dataset.js';
import { readMat, type MatValue } from '../read-mat.js';
import { damageOf } from '../reason-of.js';
import { IMAGE_OPTIONS, NEUTRAL_IMAGE_OPTIONS } from '../images/image-options.js';

/** A published set of images with lists of its splits. */
export interface ImageSet {
  readonly name: string;
  readonly summary: string;
  readonly paper: string;
  /** What `root` is, and what it contains. */
  readonly layout: string;
  /** The files that `ssql data get` downloads. */
  readonly files?: readonly DataFile[];
  /** Lists the images from the files of the set. */
  list(files: SetFiles): {
    readonly classes: readonly string[];
    readonly train: readonly LabelledPath[];
    readonly test: readonly LabelledPath[];
    readonly splits?: { readonly [name: string]: readonly LabelledPath[] };
  };
}

/** The path of an image in the folder of the set, and the position of its class; none: unlabelled. */
export interface LabelledPath {
  readonly path: string;
  readonly label?: number;
}

/** The files of a set, by their paths in its folder. */
export interface SetFiles {
  /** The folder. */
  readonly root: string;
  /** The lines of a text that are not empty. @throws SsqlError DATA_MISSING */
  lines(path: string): readonly string[];
  has(path: string): boolean;
  /** A variable of a MATLAB file. @throws SsqlError DATA_MISSING, DATA_INVALID */
  variable(path: string, name: string): MatValue;
}

const OPTIONS = (layout: string) =>
  ({
    type: 'object',
    additionalProperties: false,
    required: ['root'],
    properties: {
      root: { type: 'string', minLength: 1, description: `${layout} Relative to the pipeline file.` },
      ...IMAGE_OPTIONS,
    },
  }) as const;

/** Makes the data plugin of a set. */
export function defineImageSet({
  name,
  summary,
  paper,
  layout,
  files,
  list,
}: ImageSet): Plugin<'data', ReturnType<typeof OPTIONS>> {
  return definePlugin({
    kind: 'data',
    name,
    summary,
    paper,
    ...(files && { files }),
    neutral: NEUTRAL_IMAGE_OPTIONS,
    options: OPTIONS(layout),
    create({ root, ...reading }, context) {
      const folder = resolve(context.folder, root);
      const sizeOf = (path: string) => statSync(join(folder, path), { throwIfNoEntry: false });
      requireFolder(folder, layout);
      const read: SetFiles = {
        root: folder,
        has: (path) => sizeOf(path) !== undefined,
        lines(path) {
          if (sizeOf(path) === undefined) throw dataMissing(join(folder, path), layout);
          refuseSpecialFile(join(folder, path));
          return linesOf(readFileSync(join(folder, path), 'utf8'));
        },
        variable(path, variable) {
          if (sizeOf(path) === undefined) throw dataMissing(join(folder, path), layout);
          refuseSpecialFile(join(folder, path));
          return readVariable(join(folder, path), variable);
        },
      };
      const { classes, train, test, splits } = list(read);
      const listed = ({ path, label }: LabelledPath): ListedImage => {
        if (label !== undefined && !(label >= 0 && label < classes.length))
          throw dataInvalid(`${name}: ${path} has a class that the set does not name. Download the lists again.`);
        const image = { path, file: join(folder, path), bytes: sizeOf(path)?.size ?? 0 };
        return label === undefined ? image : { ...image, label };
      };
      const all = Object.entries({ train, test, ...splits }).map(
        ([split, images]) => [split, images.map(listed)] as const,
      );
      return imageDataset(
        { name, classes, splits: { train: [], test: [], ...Object.fromEntries(all) } },
        reading,
        context,
      );
    },
  });
}

function readVariable(file: string, name: string): MatValue {
  let value: MatValue | undefined;
  try {
    value = readMat(readFileSync(file))[name];
  } catch (error) {
    throw dataInvalid(`${file} cannot be read: ${damageOf(error)}.`);
  }
  if (value === undefined) throw dataInvalid(`${file} has no variable \`${name}\`. Download it again.`);
  return value;
}
