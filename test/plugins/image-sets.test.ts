import assert from 'node:assert/strict';
import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyPlugin, Dataset, Plugin } from '@ssql/core';
import * as builtIn from '../../packages/plugins/src/built-in.js';
import { make } from './make-plugin.js';
import { OFFICIAL_LAYOUTS } from './official-layouts.js';
import { plain, writeFiles } from './write-images.js';

const { SSQL_BCCD: REAL } = process.env;

/** The images of each split as red and label, and the classes. */
type Contents = readonly [
  classes: readonly string[],
  splits: { readonly [split: string]: readonly (readonly [number, number?])[] },
];

const EXPECTED: readonly (readonly [AnyPlugin, Contents])[] = [
  [
    builtIn.cars,
    [
      ['AM General Hummer SUV 2000', 'Ram C/V Cargo Van Minivan 2012'],
      {
        train: [
          [10, 1],
          [20, 0],
        ],
        test: [[30, 1]],
      },
    ],
  ],
  [
    builtIn.flowers102,
    [
      ['1', '2', '3'],
      {
        train: [
          [30, 1],
          [20, 0],
        ],
        test: [[40, 2]],
        validation: [[10, 1]],
        trainval: [
          [30, 1],
          [20, 0],
          [10, 1],
        ],
      },
    ],
  ],
  [builtIn.coco, [[], { train: [[10], [20]], test: [[30]], unlabelled: [[40]] }]],
  [
    builtIn.cub200,
    [
      ['001.Black_footed_Albatross', '002.Laysan_Albatross'],
      {
        train: [
          [20, 0],
          [30, 1],
        ],
        test: [[10, 0]],
      },
    ],
  ],
  [
    builtIn.dtd,
    [
      ['banded', 'zigzagged'],
      {
        train: [[10, 0]],
        test: [[20, 0]],
        validation: [[30, 1]],
        trainval: [
          [10, 0],
          [30, 1],
        ],
      },
    ],
  ],
  [
    builtIn.fgvcAircraft,
    [
      ['707-320', 'F/A-18', 'Boeing 717'],
      {
        train: [[10, 2]],
        test: [[30, 0]],
        validation: [[20, 1]],
        trainval: [
          [10, 2],
          [20, 1],
        ],
      },
    ],
  ],
  [
    builtIn.food101,
    [
      ['apple_pie', 'waffles'],
      {
        train: [
          [20, 1],
          [10, 0],
        ],
        test: [[30, 1]],
      },
    ],
  ],
  [
    builtIn.oxfordPets,
    [
      ['Abyssinian', 'american_bulldog'],
      {
        train: [
          [10, 0],
          [20, 1],
        ],
        test: [[30, 0]],
      },
    ],
  ],
  [builtIn.pascalVoc, [[], { train: [[10]], test: [[20]], validation: [[20]], trainval: [[10], [20]] }]],
];

describe('published sets of images', () => {
  let folder: string;
  const open = (plugin: AnyPlugin, options: object): Promise<Dataset> =>
    make(plugin as Plugin<'data'>, { root: folder, size: 4, workers: 0, ...options });
  const write = async (set: string): Promise<void> => {
    for (const [path, content] of Object.entries(OFFICIAL_LAYOUTS[set]!))
      writeFiles(folder, {
        [path]:
          typeof content !== 'number' ? content : await plain(6, 5, [content, content, content]).jpeg().toBuffer(),
      });
  };
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-sets-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const [plugin, expected] of EXPECTED)
    it(`${plugin.name}: its official layout`, async () => {
      await write(plugin.name);
      const { classes, train, test, splits } = await open(plugin, {});
      const contents = Object.entries({ train, test, ...splits }).map(async ([name, { size, read, labels }]) => {
        const pixels = await read(Array.from({ length: size }, (_, index) => index));
        const images = Array.from({ length: size }, (_, index) => [
          pixels[index * 48],
          ...(labels ? [labels[index]] : []),
        ]);
        return [name, images] as const;
      });
      assert.deepEqual([classes, Object.fromEntries(await Promise.all(contents))], expected);
    });

  it('caltech101: 30 training images of each class, without the background', async () => {
    await write('caltech101');
    const { classes, train, test } = await open(builtIn.caltech101, {});
    assert.deepEqual([classes, train.size, [...test.labels!]], [['accordion', 'yin_yang'], 60, [0, 0, 1]]);
    assert.deepEqual([(await test.read([0]))[0], (await test.read([2]))[0]], [10, 90]);
  });

  it('an image whose class is not listed is an error', async () => {
    await write('food101');
    writeFiles(folder, { 'meta/classes.txt': 'apple_pie\n' });
    await assert.rejects(open(builtIn.food101, {}), {
      code: 'DATA_INVALID',
      message: /waffles\/101\.jpg has a class that/,
    });
  });

  it('a MATLAB file that is damaged, or another file, is an error with its name', async () => {
    await write('flowers102');
    const labels = OFFICIAL_LAYOUTS['flowers102']!['imagelabels.mat'] as Buffer;
    for (const [content, message] of [
      [labels.subarray(0, 150), /imagelabels\.mat cannot be read: it ends within an element of/],
      ['no MATLAB file', /imagelabels\.mat cannot be read: it is no MAT-file of level 5/],
      [OFFICIAL_LAYOUTS['flowers102']!['setid.mat'] as Buffer, /imagelabels\.mat has no variable `labels`/],
    ] as const) {
      writeFiles(folder, { 'imagelabels.mat': content });
      await assert.rejects(open(builtIn.flowers102, {}), { code: 'DATA_INVALID', message });
    }
  });

  it('pascal-voc: real photographs', async function () {
    if (REAL === undefined) return this.skip();
    const { train, test, splits } = await open(builtIn.pascalVoc, { root: REAL, size: 32 });
    assert.equal(train.size + test.size + splits!['validation']!.size, 364);
    const pixels = await train.read(Array.from({ length: 8 }, (_, index) => index));
    const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    assert.ok(mean > 120 && mean < 220, `${mean}`);
  });
});
