import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { definePlugin, refuseSpecialFile } from '@ssql/core';
import { expand } from 'brace-expansion';
import picomatch from 'picomatch';
import { extract, type Header } from 'tar-stream';
import { dataInvalid, dataMissing } from './data-errors.js';
import { requireFolder } from './files-of.js';
import { HELD_OUT_OPTIONS, heldOutSplits } from './images/held-out-splits.js';
import { imageDataset } from './images/image-dataset.js';
import { IMAGE_OPTIONS, NEUTRAL_IMAGE_OPTIONS } from './images/image-options.js';
import { labelImages, type TextLabelled } from './images/label-images.js';
import { isImageFile } from './images/list-image-files.js';
import { reasonOf } from './reason-of.js';

/** Archives end with some kilobytes of zeros. What is longer is no end of an archive, and may be a file of zeros without one. */
const MOST_PADDING = 16 * 2 ** 20;

const PATTERN = { type: 'string', minLength: 1 } as const;

/** Images in tar archives, in the layout of WebDataset. */
export const tarShards = definePlugin({
  kind: 'data',
  name: 'tar-shards',
  summary:
    'Images in tar archives as WebDataset writes them, with labels in files .cls or .json of the same name, or without.',
  neutral: NEUTRAL_IMAGE_OPTIONS,
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['root', 'train'],
    properties: {
      root: { type: 'string', minLength: 1, description: 'Folder of the archives, relative to the pipeline file.' },
      train: {
        ...PATTERN,
        description:
          'The archives of the training images in the folder: `train-*.tar`, `train-{000..012}.tar`, `train/*.tar`.',
      },
      testShards: { ...PATTERN, description: 'Those of the test images: `test-*.tar`; default: a share is held out.' },
      ...HELD_OUT_OPTIONS,
      ...IMAGE_OPTIONS,
    },
  },
  async create({ root, train, testShards, test, validation, ...reading }, context) {
    const folder = resolve(context.folder, root);
    const training = listShards(folder, train);
    const testing = testShards === undefined ? [] : listShards(folder, testShards);
    const both = training.find((name) => testing.includes(name));
    if (both !== undefined)
      throw dataInvalid(`${join(folder, both)} is named by \`train\` and by \`testShards\`. Name each archive once.`);
    const listed = {
      train: await listImages(folder, training),
      ...(testShards !== undefined && { test: await listImages(folder, testing) }),
    };
    const { classes, splits } = labelImages(folder, listed);
    const held = heldOutSplits(splits, { test, ...(validation !== undefined && { validation }) });
    return imageDataset({ name: 'tar-shards', classes, splits: held }, reading, context);
  },
});

function listShards(folder: string, pattern: string): readonly string[] {
  const matches = picomatch(expand(pattern));
  requireFolder(folder, 'Set `root` to the folder of the archives.');
  const names = readdirSync(folder, { recursive: true })
    .map((name) => String(name).split(sep).join('/'))
    .filter((name) => matches(name) && !statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory())
    .sort();
  if (names.length === 0)
    throw dataMissing(join(folder, pattern), 'Expected tar archives that are not packed. Unpack .tar.gz with gunzip.');
  return names;
}

async function listImages(folder: string, shards: readonly string[]): Promise<readonly TextLabelled[]> {
  const images: TextLabelled[] = [];
  for (const name of shards) images.push(...(await listShard(folder, name)));
  return images;
}

/** The images of an archive: where their bytes are, and the labels that files of the same name hold. */
async function listShard(folder: string, shard: string): Promise<readonly TextLabelled[]> {
  const file = join(folder, shard);
  refuseSpecialFile(file);
  const images: { readonly key: string; readonly image: TextLabelled }[] = [];
  const labels = new Map<string, string>();
  const archive = extract();
  let end = 0; // of the last file
  archive.on('entry', (header, stream, next) => {
    const { name, size, type, byteOffset } = header as Header & { readonly byteOffset: number }; // not in the types
    end = byteOffset + size;
    const chunks: Buffer[] = [];
    const kind = /\.(cls|json)$/i.exec(name)?.[1]?.toLowerCase();
    stream.on('data', (chunk) => void (kind !== undefined && chunks.push(chunk as Buffer)));
    stream.on('error', next);
    stream.on('end', () => {
      const path = `${shard}/${name}`;
      if (type === 'file' && isImageFile(name))
        images.push({
          key: keyOf(name),
          image: { path, name: `${file}: ${name}`, file, bytes: size, range: { from: byteOffset, bytes: size } },
        });
      const text = kind === undefined ? undefined : labelIn(kind, Buffer.concat(chunks).toString('utf8'));
      const key = keyOf(name);
      const known = labels.get(key);
      if (text !== undefined) labels.set(key, text);
      if (text === undefined || known === undefined || known === text) return next();
      const twice = `the sample \`${key}\` has the labels \`${known}\` and \`${text}\`: a name of WebDataset ends at its first dot`;
      next(new Error(twice));
    });
    stream.resume();
  });
  async function* untilPadding(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let read = 0;
    for await (const chunk of chunks) {
      read += chunk.length;
      if (read > end + MOST_PADDING) throw new Error(`after its byte ${end} it has no more files, but more than 16 MB`);
      yield chunk;
    }
  }
  try {
    await pipeline(createReadStream(file), untilPadding, archive);
  } catch (error) {
    throw dataInvalid(`${file} cannot be read: ${reasonOf(error)}.`);
  }
  return images.map(({ key, image }) => ({ ...image, text: labels.get(key) }));
}

/** WebDataset's key of a sample: the path up to the first dot of the file's name. */
function keyOf(name: string): string {
  return /^(?:.*\/)?[^./]*/.exec(name)?.[0] ?? name;
}

/** The label in a file `.cls`, a number or a name, or under `label` in a file `.json`. */
function labelIn(kind: string, text: string): string | undefined {
  if (kind === 'cls') return text.trim() || undefined;
  try {
    const { label } = Object(JSON.parse(text)) as { readonly label?: unknown };
    return typeof label === 'string' || typeof label === 'number' ? String(label) : undefined;
  } catch {
    return undefined; // metadata in another form
  }
}
