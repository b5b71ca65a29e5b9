import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import type { Piscina } from 'piscina';
import { decodeImages, restrictDecoder, type Decoded, type DecodingTask } from './decode-images.js';
import { decoderDied } from './image-errors.js';

/** Megabytes of a thread's young heap. Its garbage is nearly all outside of it: encoded and decoded images, which go with a few objects. */
const YOUNG = 4;

/** Decodes images; the pixels do not depend on the number of workers. */
export interface ImageDecoder {
  decode(task: DecodingTask): Promise<Decoded>;
  close(): Promise<void>;
}

/** libuv's pool, on whose threads the decoder works, has four unless UV_THREADPOOL_SIZE says otherwise. */
const MOST_BY_DEFAULT = 4;

/**
 * Starts worker threads when the first images are decoded; none: decodes in the calling thread.
 * @param workers default: half of the processors, at least one and at most four
 */
export function imageDecoder(
  workers = Math.min(MOST_BY_DEFAULT, Math.max(1, Math.floor(availableParallelism() / 2))),
): ImageDecoder {
  if (workers === 0)
    return {
      async decode(task) {
        await restrictDecoder();
        return decodeImages(task);
      },
      close: () => Promise.resolve(),
    };
  let pool: Promise<Piscina> | undefined;
  return {
    async decode(task) {
      const { images } = task;
      const { run } = await (pool ??= startWorkers(workers)).then((threads) => ({ run: threads.run.bind(threads) }));
      // One part for each worker, all sent at once: workers go on while a training step keeps this thread busy.
      const parts = Array.from({ length: Math.min(workers, images.length) }, (_, worker) =>
        images.filter((_, index) => index % workers === worker),
      );
      const outcomes = await Promise.allSettled(
        parts.map((part) => run({ ...task, images: part }) as Promise<Decoded>),
      );
      const decoded = outcomes.map((outcome) => {
        if (outcome.status === 'rejected') throw decoderDied(outcome.reason);
        return outcome.value;
      });
      const broken = decoded.flatMap((part) => part.broken).sort((a, b) => a.at - b.at);
      const failed = decoded.find(({ notKept }) => notKept !== undefined);
      return { ...failed, broken };
    },
    async close() {
      await (await pool)?.destroy();
      pool = undefined;
    },
  };
}

async function startWorkers(workers: number): Promise<Piscina> {
  await restrictDecoder();
  const { Piscina } = await import('piscina');
  const filename = new URL(`./decode-worker${extname(import.meta.url)}`, import.meta.url).href;
  return new Piscina({
    filename,
    minThreads: workers,
    maxThreads: workers,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
  });
}
