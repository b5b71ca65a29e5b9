import { closeSync, readdirSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { definePlugin, refuseSpecialFile } from '@ssql/core';
import { dataInvalid, dataMissing } from './data-errors.js';
import { HELD_OUT_OPTIONS, heldOutSplits } from './images/held-out-splits.js';
import { imageDataset } from './images/image-dataset.js';
import { IMAGE_OPTIONS, NEUTRAL_IMAGE_OPTIONS } from './images/image-options.js';
import { labelImages, type TextLabelled } from './images/label-images.js';
import { openNamelessFile } from './nameless-file.js';
import { readParquetImages } from './read-parquet-images.js';

/** Images in Parquet files, in the layout of the Hugging Face hub. */
export const parquet = definePlugin({
  kind: 'data',
  name: 'parquet',
  summary:
    'Images in Parquet files as the Hugging Face hub stores them, from a local file or folder, with labels or without.',
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
          'A file, or a folder of files, relative to the pipeline file. Names of files, or else of folders, that begin with `train`, `test` or `val` say the split; others are training data. The images are copied to a temporary file without a name, which is gone when the command ends (TMPDIR says where).',
      },
      image: { type: 'string', minLength: 1, default: 'image', description: 'The column of the images.' },
      label: {
        type: 'string',
        minLength: 1,
        default: 'label',
        description: 'The column of the labels, if there is one.',
      },
      ...HELD_OUT_OPTIONS,
      ...IMAGE_OPTIONS,
    },
  },
  async create({ root, image, label, test, validation, ...reading }, context) {
    const folder = resolve(context.folder, root);
    const spill = openSpill();
    try {
      const listed: { [split: string]: TextLabelled[] } = {};
      const names = new Map<string, readonly string[]>();
      for (const file of parquetFiles(folder)) {
        const path = relative(folder, file) || basename(file);
        const images = (listed[splitOf(path)] ??= []);
        const classNames = await readParquetImages(file, { image, label }, ({ bytes, text, row }) => {
          const range = { from: spill.append(bytes), bytes: bytes.length };
          images.push({
            path: `${path}/${row}`,
            name: `${file}: row ${row}`,
            file: spill.file,
            range,
            bytes: bytes.length,
            text,
          });
        });
        if (classNames !== undefined) names.set(file, classNames);
      }
      const { classes, splits } = labelImages(folder, listed);
      const [known] = names.values();
      const held = heldOutSplits(splits, { test, ...(validation !== undefined && { validation }) });
      const titles = classes.map((text) => known?.[Number(text)] ?? text);
      return await imageDataset(
        { name: 'parquet', classes: titles, splits: held, close: spill.close },
        reading,
        context,
      );
    } catch (error) {
      spill.close();
      throw error;
    }
  },
});

function parquetFiles(path: string): readonly string[] {
  refuseSpecialFile(path);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return [path];
  if (stats === undefined) throw dataMissing(path, 'Set `root` to a Parquet file, or to a folder of such files.');
  const names = readdirSync(path, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.parquet') && !/(^|[\\/])\./.test(name)) // the hub's cache is hidden
    .filter((name) => !statSync(join(path, name), { throwIfNoEntry: false })?.isDirectory());
  if (names.length === 0) throw dataInvalid(`${path} has no files .parquet.`);
  return names.sort().map((name) => join(path, name));
}

/** The split that the name of a file says, or else that of a folder: `train-00000-of-00002.parquet`, `default/train/0000.parquet`. */
function splitOf(path: string): string {
  const names = path.split(/[\\/]/).toReversed();
  const split = names.flatMap((name) => /^(train|test|val|unsupervised)/.exec(name)?.[1] ?? [])[0] ?? 'train';
  return split === 'val' ? 'validation' : split;
}

interface Spill {
  readonly file: number;
  /** The position of the bytes. */
  append(bytes: Uint8Array): number;
  close(): void;
}

/** Rows of Parquet cannot be read one by one. */
function openSpill(): Spill {
  const file = openNamelessFile(tmpdir());
  let [end, isOpen] = [0, true];
  return {
    file,
    append(bytes) {
      const from = end;
      for (let written = 0; written < bytes.length;)
        written += writeSync(file, bytes, written, bytes.length - written, from + written);
      end += bytes.length;
      return from;
    },
    close() {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}
