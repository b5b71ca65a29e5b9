import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { definePlugin, random, type Dataset, type Split } from '@ssql/core';

const SIDE = 16;
const CHANNELS = 3;

/** An image of any size, [height,width,channels]. */
interface Original {
  readonly height: number;
  readonly width: number;
  readonly bytes: Uint8Array;
}

/** Called when a batch is read: the test counts the batches that are still held. */
export type OnRead = (batch: Uint8Array) => void | Promise<void>;

/** Images of many sizes, as of a folder that does not fit memory: each is made when it is read, resized and cropped, and forgotten. */
export const manySizes = definePlugin({
  kind: 'data',
  name: 'many-sizes',
  summary: 'Images of many sizes, read one by one.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { train: { type: 'integer', minimum: 1, default: 48, description: 'Number of training images.' } },
  },
  create: ({ train }): Dataset => ({
    name: 'many-sizes',
    classes: [],
    shape: [SIDE, SIDE, CHANNELS],
    train: split('train', train),
    test: split('test', 8),
    fingerprint: createHash('sha256').update(`many sizes ${train}`).digest('hex'),
  }),
});

export const plugins = [manySizes];

function split(name: string, size: number): Split {
  return {
    size,
    async read(indexes) {
      const bytes = SIDE * SIDE * CHANNELS;
      const batch = new Uint8Array(indexes.length * bytes);
      for (let at = 0; at < indexes.length; at++) {
        // One original at a time; a folder of files is decoded here.
        batch.set(resizeAndCrop(original(name, indexes[at]!)), at * bytes);
        await nextTurn();
      }
      await (globalThis as { ssqlTestOnRead?: OnRead }).ssqlTestOnRead?.(batch);
      return batch;
    },
  };
}

/** The image that a file would hold: 20 to 79 pixels high and wide. */
function original(name: string, index: number): Original {
  const source = random(1, name, index);
  const [height, width, step] = [20 + source.integer(60), 20 + source.integer(60), 1 + source.integer(7)];
  const bytes = Uint8Array.from({ length: height * width * CHANNELS }, (_, at) => (at * step + index) % 256);
  return { height, width, bytes };
}

/** The shorter side becomes SIDE, bilinearly; then the centre is cropped. */
function resizeAndCrop({ height, width, bytes }: Original): Uint8Array {
  const scale = Math.min(height, width) / SIDE;
  const pixelsOf = (length: number) => {
    const first = (length / scale - SIDE) / 2;
    return Array.from({ length: SIDE }, (_, at) => {
      const position = Math.min(Math.max((first + at + 0.5) * scale - 0.5, 0), length - 1);
      const low = Math.floor(position);
      return { low, high: Math.min(low + 1, length - 1), part: position - low };
    });
  };
  const columns = pixelsOf(width);
  const value = (row: number, column: number, channel: number): number =>
    bytes[(row * width + column) * CHANNELS + channel]!;
  const cropped = pixelsOf(height).flatMap((row) =>
    columns.flatMap((column) =>
      Array.from({ length: CHANNELS }, (_, channel) => {
        const along = (at: number): number =>
          value(at, column.low, channel) * (1 - column.part) + value(at, column.high, channel) * column.part;
        return Math.round(along(row.low) * (1 - row.part) + along(row.high) * row.part);
      }),
    ),
  );
  return Uint8Array.from(cropped);
}
