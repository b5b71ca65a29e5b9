import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { random } from '@ssql/core';
import { align } from './align.js';
import { isMissing, type Bench, type Measurement, type Missing, type Report } from './bench.js';
import { measureInTurn, type Side } from './in-turn.js';
import { lostToData, type Lost } from './lost.js';
import { growthOf } from './memory.js';
import { findPeer, PEER_FOLDER, type Peer } from './peer.js';
import { cellsOf, spreadOf, type Spread } from './spread.js';

/** What `ours/read-images.ts` reads. */
export interface ReadingJob {
  readonly root: string;
  readonly size: number;
  readonly batch: number;
  /** Passes over all images. */
  readonly passes: number;
  readonly workers: number;
  readonly cache: string;
  /** The folder for images that do not fit into the cache; default: they are decoded again. */
  readonly scratch?: string;
  /** Whether a step is a pass; otherwise it is a part of one, of so many images. */
  readonly imagesPerStep: number;
}

/** As many decode at once as in torchvision's usual setting. */
const WORKERS = 2;
/** At most as many as the tree has links to them. */
const MOST_PHOTOGRAPHS = 512;
const SIZE = 224;
/** Of the images in the tree. */
const TREE_SIZE = 32;
/** The decoded images of the tree have so many times the bytes of the cache. */
const TIMES_THE_CACHE = 4;
/** Steps of a pass over the tree. */
const TREE_STEPS = 100;
/** Passes over the tree: the first decodes, the others read; the heaps of all threads settle in the second. */
const PASSES = 4;
/** Memory may grow so much from the second quarter of these steps to the last. */
const LIMIT = 0.05;

/** Decoding of photographs beside torchvision's, in turn, and memory over a tree that does not fit the cache. */
export const loadBench: Bench = {
  summary:
    'decoded photographs a second beside torchvision with two workers, time lost to data, and memory over a tree of images',
  batch: 64,
  steps: 5,
  async run(options) {
    const { batch, steps, images, log } = options;
    const photographs = Math.min(MOST_PHOTOGRAPHS, images);
    const folder = await mkdtemp(join(tmpdir(), 'ssql-load-'));
    try {
      log(`${photographs} photographs of 500x375, ${steps} passes of each side`);
      const root = await writePhotographs(join(folder, 'photographs'), photographs);
      const peer = await findPeer(options);
      const passes = {
        root,
        size: SIZE,
        batch,
        passes: steps + 1,
        workers: WORKERS,
        cache: '0MB',
        imagesPerStep: photographs,
      };
      const { ours, torchvision } = await measureInTurn({
        ours: oursSide(passes),
        torchvision: peerSide(peer, passes),
      });
      if (isMissing(ours)) throw new Error(`Our images were not read: ${ours.missing}`);
      const lost = await lostToData(options, { folder, photographs: root, workers: WORKERS });
      const cache = `${(images * TREE_SIZE ** 2 * 3) / TIMES_THE_CACHE / 1e6}MB`;
      log(`memory over ${images} images of ${TREE_SIZE}x${TREE_SIZE}, cache ${cache}`);
      const tree = await writeTree(root, join(folder, 'tree'), { images, photographs });
      const job = {
        ...passes,
        root: tree,
        size: TREE_SIZE,
        passes: PASSES,
        cache,
        scratch: join(folder, 'scratch'),
        imagesPerStep: Math.ceil(images / TREE_STEPS),
      };
      const { reading } = await measureInTurn({ reading: oursSide(job) });
      if (isMissing(reading)) throw new Error(`The tree was not read: ${reading.missing}`);
      const speedOf = ({ seconds }: Measurement): Spread =>
        spreadOf(seconds.slice(1).map((pass) => photographs / pass)); // the first pass starts the workers
      return report({
        ours: speedOf(ours),
        torchvision: isMissing(torchvision) ? torchvision : speedOf(torchvision),
        lost,
        tree: { images, cache, residentBytes: reading.residentBytes ?? [] },
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

interface Results {
  /** Images per second. */
  readonly ours: Spread;
  readonly torchvision: Spread | Missing;
  readonly lost: { readonly [data: string]: Lost };
  readonly tree: { readonly images: number; readonly cache: string; readonly residentBytes: readonly number[] };
}

function report({ ours, torchvision, lost, tree }: Results): Report {
  // The cache fills in the first quarter.
  const { settled, last, growth } = growthOf(tree.residentBytes);
  const ratio = isMissing(torchvision) ? undefined : ours.median / torchvision.median;
  const rows = [
    ['', 'median images/s', 'lowest to highest'],
    ['ssql, two workers', ...cellsOf(ours)],
    ['torchvision, two workers', ...(isMissing(torchvision) ? [torchvision.missing, ''] : cellsOf(torchvision))],
  ];
  return {
    ok: growth <= LIMIT,
    text: [
      `decoded from JPEG 500x375, the shorter side resized to ${SIZE}, the centre cropped, in passes, turn by turn; the first pass of each side is not counted`,
      align(rows),
      ...(ratio === undefined ? [] : [`ratio ${ratio.toFixed(2)}x`]),
      ...Object.entries(lost).map(
        ([name, side]) =>
          `lost to data, ${name}: ${(100 * side.lost).toFixed(1)}% of a step of ${side.batch} images (${side.secondsPerStep.toFixed(3)} s; ${side.secondsWithoutData.toFixed(3)} s without), goal under ${100 * side.limit}%`,
      ),
      `resident memory over ${tree.images} images, cache ${tree.cache}, the others on disk, after garbage is collected: second quarter ${mebibytes(settled)}, last quarter ${mebibytes(last)}, ` +
        `growth ${(100 * growth).toFixed(1)}%, at most ${100 * LIMIT}%`,
    ].join('\n'),
    json: {
      imagesPerSecond: ours,
      peerImagesPerSecond: torchvision,
      ratio,
      lost,
      settledBytes: settled,
      lastBytes: last,
      growth,
      limit: LIMIT,
    },
  };
}

function oursSide(job: ReadingJob): Side {
  const script = join(import.meta.dirname, 'ours', 'read-images.ts');
  return { command: process.execPath, arguments: ['--expose-gc', '--import', 'tsx', script, JSON.stringify(job)] };
}

function peerSide(peer: Peer, job: ReadingJob): Side | Missing {
  if (isMissing(peer)) return peer;
  return { command: peer.python, arguments: [join(PEER_FOLDER, 'read_images.py'), JSON.stringify(job)] };
}

/** Photographs with smooth surfaces, edges and grain, in two classes. JPEG files of noise alone would be decoded more slowly. */
async function writePhotographs(root: string, count: number): Promise<string> {
  for (const name of ['train/a', 'train/b', 'test']) await mkdir(join(root, name), { recursive: true });
  for (let index = 0; index < count; index++) {
    const draw = random(1, 'photograph', index);
    const coarse = Uint8Array.from({ length: 10 * 8 * 3 }, () => draw.integer(256));
    const grain = {
      create: {
        width: 500,
        height: 375,
        channels: 3,
        background: 'gray',
        noise: { type: 'gaussian', mean: 128, sigma: 12 },
      },
    } as const;
    const surfaces = await sharp(coarse, { raw: { width: 10, height: 8, channels: 3 } })
      .resize(500, 375, { fit: 'fill', kernel: index % 2 === 0 ? 'cubic' : 'nearest' })
      .png()
      .toBuffer();
    const photograph = sharp(surfaces).composite([{ input: await sharp(grain).png().toBuffer(), blend: 'soft-light' }]);
    await writeFile(join(root, photographAt(index)), await photograph.jpeg({ quality: 90 }).toBuffer());
  }
  await symlink(join(root, photographAt(0)), join(root, 'test', '0.jpg'));
  return root;
}

function photographAt(index: number): string {
  return `train/${index % 2 === 0 ? 'a' : 'b'}/${index}.jpg`;
}

/** A tree of links to the photographs. */
async function writeTree(
  root: string,
  tree: string,
  { images, photographs }: { readonly images: number; readonly photographs: number },
): Promise<string> {
  for (let index = 0; index < images; index++) {
    const folder = join(tree, 'train', `${Math.floor(index / 1000)}`);
    if (index % 1000 === 0) await mkdir(folder, { recursive: true });
    await symlink(join(root, photographAt(index % photographs)), join(folder, `${index}.jpg`));
  }
  await symlink(join(root, 'test'), join(tree, 'test'));
  return tree;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
