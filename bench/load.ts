import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { random } from '@ssql/core';
import { align } from './align.js';
import { isMissing, type Bench, type Measurement, type Missing } from './bench.js';
import { measureInTurn, type Side } from './in-turn.js';
import { lostToData } from './lost.js';
import { growthOf } from './memory.js';
import { findPeer, PEER_FOLDER, type Peer } from './peer.js';
import { cellsOf, spreadOf } from './spread.js';

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
const PHOTOGRAPHS = 512;
const SIZE = 224;
/** Images of the tree that does not fit the cache: links to the photographs. */
const TREE = 100_000;
const TREE_SIZE = 32;
/** The decoded images of the tree have four times as many bytes. */
const BUDGET = `${(TREE * TREE_SIZE ** 2 * 3) / 4 / 1e6}MB`;
/** Passes over the tree: the first decodes, the second reads. */
const PASSES = 2;
/** Memory may grow so much from the second quarter of these steps to the last. */
const LIMIT = 0.05;

/** Decoding of photographs beside torchvision's, in turn, and memory over a tree that does not fit the cache. */
export const loadBench: Bench = {
  summary:
    'decoded photographs a second beside torchvision with two workers, time lost to data, and memory over 100,000 images',
  batch: 64,
  steps: 5,
  async run(options) {
    const { batch, steps, log } = options;
    const folder = await mkdtemp(join(tmpdir(), 'ssql-load-'));
    try {
      log(`${PHOTOGRAPHS} photographs of 500x375, ${steps} passes of each side`);
      const root = await writePhotographs(join(folder, 'photographs'));
      const peer = await findPeer(options);
      const passes = {
        root,
        size: SIZE,
        batch,
        passes: steps + 1,
        workers: WORKERS,
        cache: '0MB',
        imagesPerStep: PHOTOGRAPHS,
      };
      const { ours, torchvision } = await measureInTurn({
        ours: oursSide(passes),
        torchvision: peerSide(peer, passes),
      });
      if (isMissing(ours)) throw new Error(`Our images were not read: ${ours.missing}`);
      const lost = await lostToData(options, { folder, photographs: root, workers: WORKERS });
      log(`memory over ${TREE} images of ${TREE_SIZE}x${TREE_SIZE}, cache ${BUDGET}`);
      const tree = await writeTree(root, join(folder, 'tree'));
      const job = {
        ...passes,
        root: tree,
        size: TREE_SIZE,
        passes: PASSES,
        cache: BUDGET,
        scratch: join(folder, 'scratch'),
        imagesPerStep: 1000,
      };
      const { reading } = await measureInTurn({ reading: oursSide(job) });
      if (isMissing(reading)) throw new Error(`The tree was not read: ${reading.missing}`);
      return report(speedOf(ours), isMissing(torchvision) ? torchvision : speedOf(torchvision), reading, lost);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

function report(
  ours: ReturnType<typeof spreadOf>,
  torchvision: ReturnType<typeof spreadOf> | Missing,
  { residentBytes = [] }: Measurement,
  lost: Awaited<ReturnType<typeof lostToData>>,
): Awaited<ReturnType<Bench['run']>> {
  // The cache fills in the first quarter.
  const { settled, last, growth } = growthOf(residentBytes);
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
      `resident memory over ${TREE} images, cache ${BUDGET}, the others on disk: second quarter ${mebibytes(settled)}, last quarter ${mebibytes(last)}, ` +
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

/** Images per second of each pass after the first, which starts the workers. */
function speedOf({ seconds }: Measurement): ReturnType<typeof spreadOf> {
  return spreadOf(seconds.slice(1).map((pass) => PHOTOGRAPHS / pass));
}

function oursSide(job: ReadingJob): Side {
  const script = join(import.meta.dirname, 'ours', 'read-images.ts');
  return { command: process.execPath, arguments: ['--import', 'tsx', script, JSON.stringify(job)] };
}

function peerSide(peer: Peer, job: ReadingJob): Side | Missing {
  if (isMissing(peer)) return peer;
  return { command: peer.python, arguments: [join(PEER_FOLDER, 'read_images.py'), JSON.stringify(job)] };
}

/** Photographs with smooth surfaces, edges and grain, in two classes. JPEG files of noise alone would be decoded more slowly. */
async function writePhotographs(root: string): Promise<string> {
  for (const name of ['train/a', 'train/b', 'test']) await mkdir(join(root, name), { recursive: true });
  for (let index = 0; index < PHOTOGRAPHS; index++) {
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
async function writeTree(root: string, tree: string): Promise<string> {
  for (let index = 0; index < TREE; index++) {
    const folder = join(tree, 'train', `${Math.floor(index / 1000)}`);
    if (index % 1000 === 0) await mkdir(folder, { recursive: true });
    await symlink(join(root, photographAt(index % PHOTOGRAPHS)), join(folder, `${index}.jpg`));
  }
  await symlink(join(root, 'test'), join(tree, 'test'));
  return tree;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
