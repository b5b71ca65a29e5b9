import assert from 'node:assert/strict';
import type { Dataset, Split } from '../kinds/data.js';
import type { Law } from './law.js';

/** What a case of data may add to its options. */
export interface DataExtra {
  /** Options of data with other images. */
  readonly other?: { readonly [name: string]: unknown };
}

/** Images of a split that are read. */
const READ = 24;

/** Laws of every dataset. */
export const DATA_LAWS: readonly Law<'data', DataExtra>[] = Object.freeze<Law<'data', DataExtra>[]>([
  {
    name: 'its shape is height, width and channels',
    check({ made: { shape } }) {
      const valid = shape.length === 3 && shape.every((length) => Number.isInteger(length) && length > 0);
      assert.ok(valid, `the shape is [${shape.join()}]; expected three positive whole numbers`);
    },
  },
  {
    name: 'each image has a label below the number of classes',
    check({ made }) {
      for (const [name, { size, labels }] of splitsOf(made)) {
        assert.ok(Number.isInteger(size) && size > 0, `${name}: the size is ${size}`);
        if (labels === undefined) continue;
        assert.equal(labels.length, size, `${name}: ${labels.length} labels for ${size} images`);
        const index = labels.findIndex((label) => label >= made.classes.length);
        assert.equal(
          index,
          -1,
          `${name}: the label of image ${index} is ${labels[index]}; classes: ${made.classes.length}`,
        );
      }
    },
  },
  {
    name: 'it reads one byte for each value of an image',
    async check({ made }) {
      for (const [name, split] of splitsOf(made))
        for (const indexes of [[0], [split.size - 1], indexesOf(split)]) {
          const images: unknown = await split.read(indexes);
          assert.ok(images instanceof Uint8Array, `${name}: it reads no Uint8Array`);
          const expected = indexes.length * bytesOf(made);
          assert.equal(images.length, expected, `${name}: ${images.length} bytes for ${indexes.length} images`);
        }
    },
  },
  {
    name: 'what it reads is a function of the indexes',
    async check({ made }) {
      for (const [name, split] of splitsOf(made)) {
        const indexes = indexesOf(split);
        const batch = (await split.read(indexes)).slice();
        const alone = [];
        for (const index of indexes) alone.push(Buffer.from((await split.read([index])).slice()));
        const same = (images: Uint8Array, expected: Uint8Array): boolean => Buffer.compare(images, expected) === 0;
        assert.ok(same(Buffer.concat(alone), batch), `${name}: images differ if they are read one by one`);
        const reversed = await split.read(Uint32Array.from(indexes.toReversed()));
        assert.ok(
          same(Buffer.concat(alone.toReversed()), reversed),
          `${name}: images differ if they are read in reverse`,
        );
        const twice = await split.read([indexes[0]!, indexes[0]!]);
        assert.ok(same(Buffer.concat([alone[0]!, alone[0]!]), twice), `${name}: an image differs if it is read twice`);
        const [left, right] = await Promise.all([split.read(indexes), split.read(indexes.toReversed())]);
        assert.ok(same(left, batch) && same(right, reversed), `${name}: images differ if two batches are read at once`);
      }
    },
  },
  {
    name: 'what it reads whole is a function of the indexes, and fits its shape',
    async check({ made }) {
      const [height, width, channels] = made.shape;
      for (const [name, split] of splitsOf(made)) {
        if (split.readWhole === undefined) continue;
        const indexes = indexesOf(split);
        const { pixels, sizes } = await split.readWhole(indexes);
        assert.equal(pixels.length, indexes.length * bytesOf(made), `${name}: ${pixels.length} bytes`);
        assert.equal(sizes.length, 2 * indexes.length, `${name}: ${sizes.length} heights and widths`);
        for (const [row, index] of indexes.entries()) {
          const alone = await split.readWhole([index]);
          const [high, wide] = alone.sizes as unknown as [number, number];
          const fits = high >= 1 && wide >= 1 && high <= height && wide <= width;
          assert.ok(fits, `${name}: image ${index} is ${high}x${wide} in an array of ${height}x${width}`);
          assert.deepEqual([...sizes.slice(2 * row, 2 * row + 2)], [high, wide], `${name}: the size of image ${index}`);
          const bytes = pixels.subarray(row * bytesOf(made), (row + 1) * bytesOf(made));
          assert.ok(Buffer.compare(bytes, alone.pixels) === 0, `${name}: images differ if they are read one by one`);
          const outside = bytes.findIndex((value, at) => {
            const pixel = Math.floor(at / channels);
            return value !== 0 && (pixel % width >= wide || pixel >= high * width);
          });
          assert.equal(outside, -1, `${name}: image ${index} has values outside its ${high}x${wide} pixels`);
        }
      }
    },
  },
  {
    name: 'what it read belongs to the reader',
    async check({ made }) {
      for (const [name, split] of splitsOf(made)) {
        const indexes = indexesOf(split);
        const first = await split.read(indexes);
        const copy = first.slice();
        const second = await split.read(indexes.toReversed());
        assert.deepEqual(first, copy, `${name}: images change when others are read`);
        first.fill(0).fill(255, 1);
        second.fill(7);
        assert.deepEqual(await split.read(indexes), copy, `${name}: the reader changed the images of the dataset`);
      }
    },
  },
  {
    name: 'created again, it is the same',
    async check({ made, again }) {
      const other = await again();
      assert.ok(made.fingerprint.length > 0, 'the fingerprint is empty');
      assert.equal(other.fingerprint, made.fingerprint, 'the fingerprint differs');
      assert.deepEqual([other.shape, other.classes], [made.shape, made.classes], 'the shape or the classes differ');
      for (const [index, [name, split]] of splitsOf(made).entries()) {
        const [, same] = splitsOf(other)[index]!;
        assert.deepEqual(same.labels, split.labels, `${name}: the labels differ`);
        assert.deepEqual(
          await same.read(indexesOf(same)),
          await split.read(indexesOf(split)),
          `${name}: images differ`,
        );
      }
    },
  },
  {
    name: 'other data has another fingerprint',
    pending: ({ other }) => (other === undefined ? 'the case has no `other` options' : undefined),
    async check({ made, again, extra }) {
      const other = await again(extra.other);
      assert.notEqual(other.fingerprint, made.fingerprint, 'the fingerprints are equal');
    },
  },
]);

function splitsOf({ train, test, splits }: Dataset): readonly (readonly [name: string, split: Split])[] {
  return Object.entries({ train, test, ...splits });
}

/** Indexes over the whole split, in no order. */
function indexesOf({ size }: Split): readonly number[] {
  const count = Math.min(size, READ);
  return Array.from({ length: count }, (_, index) => Math.floor((((index * 7) % count) * size) / count));
}

function bytesOf({ shape }: Dataset): number {
  return shape.reduce((product, length) => product * length, 1);
}
