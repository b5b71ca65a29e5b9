import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeatureSets, RunStageContext } from '@ssql/core';
import { confusion } from '../../packages/plugins/src/stage/confusion.js';
import { neighbourPictures } from '../../packages/plugins/src/stage/neighbour-pictures.js';
import { bitmap } from '../../packages/plugins/src/stage/svg.js';
import { umap } from '../../packages/plugins/src/stage/umap.js';
import { makeRunStage } from './make-plugin.js';
import { stageRun } from './stage-run.js';

/** Training images 0 and 1 are of the classes 0 and 1; at w2, the second test image of class 1 is nearer to class 0. */
const AXES = { values: Float32Array.of(1, 0, 0, 1), dimension: 2, labels: Uint8Array.of(0, 1) };
const test = (...values: number[]) => ({
  values: Float32Array.from(values),
  dimension: 2,
  labels: Uint8Array.of(0, 1, 1),
});
const FEATURES: { readonly [precision: string]: FeatureSets } = {
  float: { train: AXES, test: test(1, 0.1, 0.1, 1, 0, 3) },
  w2: { train: AXES, test: test(1, 0.1, 0.1, 1, 3, 1) },
};

describe('pictures of stages', () => {
  let folder: string;
  let context: RunStageContext;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-pictures-'));
    const made = await stageRun(FEATURES, 2);
    const split = (size: number) => ({
      size,
      read: async (indexes: ArrayLike<number>) => new Uint8Array(4).fill(10 * size + indexes[0]!),
    });
    const dataset = {
      ...made.context.dataset,
      classes: ['cat', '<dog>'],
      shape: [2, 2, 1],
      train: split(2),
      test: split(3),
    } as RunStageContext['dataset'];
    context = { ...made.context, dataset, file: (name) => join(folder, name) };
  });
  after(() => rmSync(folder, { recursive: true }));

  it('count which classes are taken for which at each precision', async () => {
    await (await makeRunStage(confusion, { precisions: ['float', 'w2'], k: 1 })).run(context);
    const svg = readFileSync(join(folder, 'confusion.svg'), 'utf8');
    const panels = svg.split('<g transform').slice(1);
    const counts = (panel = ''): unknown =>
      [...panel.matchAll(/font-size="10">(\d+)</g)].map(([, count]) => Number(count));
    assert.deepEqual(panels.map(counts), [
      [1, 2],
      [1, 1, 1],
    ]);
    assert.doesNotMatch(svg, /<dog>/);
    for (const name of ['float', 'w2', 'cat']) assert.ok(svg.includes(`>${name}</text>`), name);
  });

  it('show the nearest training images, and mark those of another class', async () => {
    await (await makeRunStage(neighbourPictures, { precisions: ['float', 'w2'], images: 3, k: 1 })).run(context);
    const svg = readFileSync(join(folder, 'neighbour-pictures.svg'), 'utf8');
    const images = [...svg.matchAll(/<g transform="translate\((\d+) (\d+)\)"><image [^>]*href="([^"]*)"\/>(<rect)?/g)];
    const grey = (address = ''): number => Buffer.from(address.split(',')[1]!, 'base64')[54]!;
    assert.deepEqual(
      images.map(([, , , address, wrong]) => [grey(address), wrong !== undefined]),
      // The test images, then their neighbours in float and at w2.
      [30, 31, 32, 20, 21, 21, 20, 21].map((value) => [value, false]).concat([[20, true]]),
    );
  });

  describe('of features in a plane', () => {
    /** Ten images in two directions that quantization turns a little; the lengths of features say nothing. */
    const directions = (turn: number, labelled: boolean) => {
      const angles = Array.from({ length: 10 }, (_, image) => (image < 5 ? 0 : 1.5) + 0.02 * image + turn);
      const values = angles.flatMap((angle, image) =>
        [1 + image, 1 + image].map((length, axis) => length * (axis === 0 ? Math.cos(angle) : Math.sin(angle))),
      );
      const labels = Uint8Array.from(angles, (_, image) => (image < 5 ? 0 : 1));
      return { values: Float32Array.from(values), dimension: 2, ...(labelled && { labels }) };
    };
    const draw = async (seed: number, labelled = true): Promise<string> => {
      const [float, w2] = [directions(0, labelled), directions(0.01, labelled)];
      const made = await stageRun({ float: { train: float, test: float }, w2: { train: w2, test: w2 } }, 2, seed);
      const dataset = { ...context.dataset, test: { size: 10 } } as RunStageContext['dataset'];
      const stage = await makeRunStage(umap, { precisions: ['float', 'w2'], images: 10, k: 4 });
      await stage.run({ ...made.context, dataset, file: context.file });
      return readFileSync(join(folder, 'umap.svg'), 'utf8');
    };
    const pointsOf = (panel: string) =>
      [...panel.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="2.5" fill="([^"]+)"/g)].map(([, x, y, colour]) => ({
        place: [Number(x), Number(y)] as const,
        colour,
      }));

    it('keep near features together, at all precisions in one layout, coloured by class', async () => {
      const svg = await draw(1);
      const panels = ['float', 'w2'].map((name) => pointsOf(svg.split(`>${name}</text>`)[1]!.split('</g>')[0]!));
      const [float, w2] = panels;
      assert.deepEqual([float!.length, w2!.length], [10, 10]);
      const apart = (a: readonly [number, number], b: readonly [number, number]): number =>
        Math.hypot(a[0] - b[0], a[1] - b[1]);
      for (const [index, { place, colour }] of float!.entries()) {
        const others = [...float!, ...w2!].filter((other) => other.place !== place);
        const nearest = others.toSorted((a, b) => apart(a.place, place) - apart(b.place, place)).slice(0, 4);
        assert.ok(
          nearest.every((other) => other.colour === colour),
          `image ${index}`,
        );
      }
      assert.equal(new Set(float!.map(({ colour }) => colour)).size, 2);
      assert.doesNotMatch(svg, /<dog>/);
    });

    it('follow from the seed', async () => {
      assert.equal(await draw(1), await draw(1));
      assert.notEqual(await draw(2), await draw(1));
    });

    it('are grey without labels, and have no names of classes', async () => {
      const svg = await draw(1, false);
      assert.deepEqual([...new Set(pointsOf(svg).map(({ colour }) => colour))], ['#667']);
      assert.ok(!svg.includes('>cat<'));
    });

    it('are refused before training with too few points', async () => {
      const stage = await makeRunStage(umap, { precisions: ['float', 'w2'], images: 3, k: 6 });
      const dataset = { ...context.dataset, test: { size: 10 } } as RunStageContext['dataset'];
      assert.throws(() => stage.check?.(dataset), { code: 'UMAP_IMPOSSIBLE' });
    });
  });

  it('hold images as bitmaps from top to bottom, blue first', () => {
    const file = Buffer.from(bitmap(Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 1, 3]).split(',')[1]!, 'base64');
    assert.equal(file.toString('latin1', 0, 2), 'BM');
    assert.deepEqual([file.readInt32LE(18), file.readInt32LE(22)], [1, -2]);
    assert.deepEqual([...file.subarray(54)], [3, 2, 1, 0, 6, 5, 4, 0]);
  });
});
