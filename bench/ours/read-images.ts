/** Reads a folder of images in batches, and prints a Measurement. Its argument is a ReadingJob. Between two steps it waits for a line on stdin. */
import { once } from 'node:events';
import type { Product } from '@ssql/core';
import { imageFolder } from '@ssql/plugins';
import type { Measurement } from '../bench.js';
import type { ReadingJob } from '../load.js';

const { root, size, batch, passes, workers, cache, scratch, imagesPerStep } = JSON.parse(
  process.argv[2] ?? '',
) as ReadingJob;
const options = { root, size, workers, cache, labels: 'none', onError: 'fail', test: 0.1 } as const; // there is a folder `test`
const dataset: Product<'data'> = await imageFolder.create(options, { folder: process.cwd(), scratch } as never); // it needs no more
const seconds: number[] = [];
const residentBytes: number[] = [];
for (let pass = 0; pass < passes; pass++) {
  let began = performance.now();
  let ahead = dataset.train.read([]);
  for (let first = 0, done = 0; first < dataset.train.size; first += batch) {
    const count = Math.min(batch, dataset.train.size - first);
    // As in training: a batch is read while the one before is used.
    const next = dataset.train.read(Array.from({ length: count }, (_, index) => first + index));
    await ahead;
    ahead = next;
    done += count;
    const isLast = first + count >= dataset.train.size;
    if (isLast) await ahead;
    if (!isLast && done < imagesPerStep) continue;
    seconds.push((performance.now() - began) / 1000);
    globalThis.gc?.(); // what is kept counts, not when the garbage is collected
    residentBytes.push(process.memoryUsage.rss());
    console.log(`step ${seconds.length}`);
    await once(process.stdin, 'data');
    began = performance.now();
    done = 0;
  }
}
await dataset.dispose?.();
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ seconds, residentBytes, peakBytes } satisfies Measurement));
process.exit();
