import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { definePlugin, refuseSpecialFile } from '@ssql/core';
import { parse } from 'csv-parse/sync';
import { dataInvalid, dataMissing, dataUnreadable } from './data-errors.js';
import { HELD_OUT_OPTIONS, heldOutSplits } from './images/held-out-splits.js';
import { imageDataset } from './images/image-dataset.js';
import { IMAGE_OPTIONS, NEUTRAL_IMAGE_OPTIONS } from './images/image-options.js';
import { labelImages, type TextLabelled } from './images/label-images.js';
import { repeatedImages } from './images/repeated-images.js';
import { reasonOf } from './reason-of.js';

/** Images that a CSV or JSON file lists. */
export const imageList = definePlugin({
  kind: 'data',
  name: 'image-list',
  summary: 'Images of any sizes that a CSV or JSON file lists, with labels and splits or without.',
  neutral: NEUTRAL_IMAGE_OPTIONS,
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['list'],
    properties: {
      list: {
        type: 'string',
        minLength: 1,
        description:
          'The file, relative to the pipeline file: CSV whose first line names the columns `file`, `label` and `split`, or JSON, a list of objects with these keys. `label` and `split` (`train`, `test` or another name) may be missing.',
      },
      root: {
        type: 'string',
        minLength: 1,
        description:
          "The folder that the images' paths start from, relative to the pipeline file; default: the folder of the list.",
      },
      ...HELD_OUT_OPTIONS,
      ...IMAGE_OPTIONS,
    },
  },
  create({ list, root, test, validation, ...reading }, context) {
    const file = resolve(context.folder, list);
    const folder = root === undefined ? dirname(file) : resolve(context.folder, root);
    const listed = new Map<string, TextLabelled[]>();
    for (const [index, row] of readRows(file).entries()) {
      const { path, text, split } = readRow(row, `${file}: image ${index + 1}`);
      const image = resolve(folder, path);
      const bytes = statSync(image, { throwIfNoEntry: false })?.size ?? 0;
      const images = listed.get(split) ?? [];
      listed.set(split, images);
      images.push({ path, file: image, bytes, text });
    }
    const { classes, splits } = labelImages(file, Object.fromEntries(listed));
    const held = heldOutSplits(splits, { test, ...(validation !== undefined && { validation }) });
    const notes = repeatedImages(file, { classes, splits: held });
    return imageDataset({ name: 'image-list', classes, splits: held, notes }, reading, context);
  },
});

/** JavaScript's longest text is a little longer. */
const MOST_BYTES = 500_000_000;
/** Far more than a path and a label: what has no lines, such as zeros, is not read to its end. */
const LONGEST_ROW = 100_000;

function readRows(file: string): readonly unknown[] {
  refuseSpecialFile(file);
  const { size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
  if (size > MOST_BYTES)
    throw dataInvalid(
      `${file} has ${size} bytes; a list of images has at most ${MOST_BYTES}. Check that \`list\` names a list, or leave out images.`,
    );
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (existsSync(file)) throw dataUnreadable(file, cause);
    throw dataMissing(`The list ${file}`, 'Set `list` to a CSV or JSON file.', cause);
  }
  try {
    const rows: unknown = /\.json$/i.test(file)
      ? JSON.parse(text.replace(/^\ufeff/, ''))
      : parse(text, { columns: true, skip_empty_lines: true, trim: true, max_record_size: LONGEST_ROW });
    if (Array.isArray(rows)) return rows;
  } catch (error) {
    throw dataInvalid(`${file} cannot be read: ${reasonOf(error)}`);
  }
  throw dataInvalid(`${file} is not a list of images.`);
}

function readRow(
  row: unknown,
  place: string,
): { readonly path: string; readonly text: string | undefined; readonly split: string } {
  const { file, label, split } = Object(row) as { readonly [column: string]: unknown };
  if (typeof file !== 'string' || file === '' || file.includes('\0')) {
    const [name = ''] = Object.keys(Object(row) as object);
    const separator = /[;\t|]/.test(name) ? ' Separate columns by commas.' : '';
    throw dataInvalid(
      `${place} has no \`file\`. Expected the columns \`file\` and, if there are, \`label\` and \`split\`.${separator}`,
    );
  }
  const textOf = (column: string, value: unknown): string | undefined => {
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw dataInvalid(`${place} has the ${column} ${JSON.stringify(value)}. Expected a text or a number.`);
  };
  return { path: file, text: textOf('label', label), split: textOf('split', split) ?? 'train' };
}
