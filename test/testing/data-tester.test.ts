import { random, type Dataset, type Split } from '@ssql/core';
import { DataTester } from '@ssql/core/testing';
import { testBreaks } from './breaks.js';
import { flawed } from './flawed.js';

const BYTES = 2 * 3;
const LABELS = 'each image has a label below the number of classes';
const READS = 'it reads one byte for each value of an image';
const FUNCTION = 'what it reads is a function of the indexes';
const WHOLE = 'what it reads whole is a function of the indexes, and fits its shape';
const OWNED = 'what it read belongs to the reader';
const SAME = 'created again, it is the same';

const byteOf = (index: number, at: number): number => random(1, 'image', index, at).integer(256);

function split(size: number, read?: Split['read']): Split {
  const labels = Uint8Array.from({ length: size }, (_, index) => index % 2);
  return { size, labels, read: read ?? (async (indexes) => imagesOf(indexes)) };
}

function unlabelled(size: number): Split {
  return { size, read: async (indexes) => imagesOf(indexes) };
}

function imagesOf(indexes: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: indexes.length * BYTES }, (_, at) =>
    byteOf(indexes[Math.floor(at / BYTES)]!, at % BYTES),
  );
}

/** Images of one size whose upper left pixel is their index. */
function whole({ sizes = [1, 2], beside = 0 } = {}): NonNullable<Split['readWhole']> {
  return async (indexes) => ({
    pixels: Uint8Array.from({ length: indexes.length * BYTES }, (_, at) =>
      at % BYTES === 0 ? indexes[at / BYTES]! : at % BYTES === BYTES - 1 ? beside : 0,
    ),
    sizes: Uint16Array.from({ length: 2 * indexes.length }, (_, at) => sizes[at % 2]!),
  });
}

const sound = (): Dataset => ({
  name: 'flawed',
  classes: ['a', 'b'],
  shape: [2, 3, 1],
  train: split(9),
  test: split(4),
  fingerprint: 'abc',
});
const data = (change: () => Partial<Dataset> = () => ({})) => flawed('data', () => ({ ...sound(), ...change() }));

describe('DataTester', () => {
  testBreaks(
    DataTester,
    [
      { title: 'passes correct data', plugin: data(), breaks: [] },
      {
        title: 'detects a shape with a batch',
        plugin: data(() => ({ shape: [1, 2, 3, 1] as unknown as Dataset['shape'] })),
        breaks: ['its shape is height, width and channels'],
      },
      { title: 'detects a label beyond the classes', plugin: data(() => ({ classes: ['a'] })), breaks: [LABELS] },
      {
        title: 'passes data without labels',
        plugin: data(() => ({ classes: [], train: unlabelled(9), test: unlabelled(4) })),
        breaks: [],
      },
      {
        title: 'passes data with more splits',
        plugin: data(() => ({ splits: { unlabelled: unlabelled(5) } })),
        breaks: [],
      },
      {
        title: 'detects a label beyond the classes in another split',
        plugin: data(() => ({ splits: { more: { ...split(4), labels: Uint8Array.of(0, 1, 2, 0) } } })),
        breaks: [LABELS],
      },
      {
        title: 'detects another split of floats',
        plugin: data(() => ({
          splits: {
            more: split(9, async (indexes) => Float32Array.from(imagesOf(indexes)) as unknown as Uint8Array),
          },
        })),
        breaks: [READS, FUNCTION],
      },
      {
        title: 'detects a missing label',
        plugin: data(() => ({ test: { ...split(4), labels: new Uint8Array(3) } })),
        breaks: [LABELS],
      },
      {
        title: 'detects a read that is one image short',
        plugin: data(() => ({
          train: split(9, async (indexes) => imagesOf(Array.from(indexes).slice(0, Math.max(1, indexes.length - 1)))),
        })),
        breaks: [READS, FUNCTION],
      },
      {
        title: 'detects floats',
        plugin: data(() => ({
          train: split(9, async (indexes) => Float32Array.from(imagesOf(indexes)) as unknown as Uint8Array),
        })),
        breaks: [READS, FUNCTION],
      },
      {
        title: 'detects a read that ignores the order',
        plugin: data(() => ({ train: split(9, async (indexes) => imagesOf(Array.from(indexes).sort())) })),
        breaks: [FUNCTION],
      },
      {
        title: 'detects a random read',
        plugin: data(() => ({
          train: split(9, async (indexes) => imagesOf(indexes).map((byte) => byte ^ Math.floor(Math.random() * 2))),
        })),
        breaks: [FUNCTION, OWNED, SAME],
      },
      {
        title: 'passes whole images',
        plugin: data(() => ({ train: { ...split(9), readWhole: whole() } })),
        breaks: [],
      },
      {
        title: 'detects a whole image that is larger than its array',
        plugin: data(() => ({ train: { ...split(9), readWhole: whole({ sizes: [3, 3] }) } })),
        breaks: [WHOLE],
      },
      {
        title: 'detects a whole image with values beside it',
        plugin: data(() => ({ train: { ...split(9), readWhole: whole({ sizes: [2, 2], beside: 1 }) } })),
        breaks: [WHOLE],
      },
      {
        title: 'detects sizes of other images',
        plugin: data(() => ({
          train: {
            ...split(9),
            readWhole: async (indexes) => whole({ sizes: [indexes.length === 1 ? 1 : 2, 1] })(indexes),
          },
        })),
        breaks: [WHOLE],
      },
      {
        title: 'detects a buffer that is used again',
        plugin: data(() => {
          const buffer = new Uint8Array(9 * BYTES);
          return {
            train: split(9, async (indexes) => {
              buffer.set(imagesOf(indexes));
              return buffer.subarray(0, indexes.length * BYTES);
            }),
          };
        }),
        breaks: [FUNCTION, OWNED],
      },
      {
        title: 'detects a fingerprint of the time',
        plugin: data(() => ({ fingerprint: String(process.hrtime.bigint()) })),
        breaks: [SAME],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
    ['other data has another fingerprint'],
  );

  testBreaks(
    DataTester,
    [{ title: 'detects a constant fingerprint', plugin: data(), breaks: ['other data has another fingerprint'] }],
    { valid: [{ options: {}, other: {} }], invalid: [] },
    DataTester.laws,
  );
});
