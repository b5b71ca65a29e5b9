import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, type BenchOptions } from './bench.js';
import { median } from './cost.js';
import { measureInTurn } from './in-turn.js';
import { oursSide } from './ours.js';
import { WARM_UPS, type Job } from './recipe.js';

/** What a ResNet-18 step loses to data. */
export interface Lost {
  /** The share of the step with data that it takes longer than with noise in memory. */
  readonly lost: number;
  readonly secondsPerStep: number;
  readonly secondsWithoutData: number;
  readonly batch: number;
  readonly limit: number;
}

/** Trainings of each kind, one after another: of trainings in turn, one would read its images while the other has the turn. */
const ROUNDS = 2;
/** Bytes of a record of CIFAR-10. */
const RECORD = 3073;

/** Steps on files of CIFAR-10, and on photographs at 224 pixels, each beside steps on noise in memory. */
export async function lostToData(
  { batch, steps, threads, log }: BenchOptions,
  { folder, photographs, workers }: { readonly folder: string; readonly photographs: string; readonly workers: number },
): Promise<{ readonly cifar10: Lost; readonly photographs: Lost }> {
  const common = { wrapper: 'none', steps, threads } as const;
  const fewer = Math.max(2, Math.round(batch / 4));
  const root = await writeCifar10(join(folder, 'cifar10'), batch * (WARM_UPS + steps));
  const reading = { root: photographs, size: 256, workers, cache: '0MB', disk: '0GB', labels: 'none' };
  log(`${ROUNDS} times ${steps} steps of ResNet-18 on CIFAR-10 and on photographs, with data and without`);
  return {
    cifar10: await lostOf(
      { ...common, network: 'resnet18', batch },
      { use: 'cifar10', with: { root, batches: [1] } },
      0.03,
    ),
    photographs: await lostOf(
      { ...common, network: 'resnet18-224', large: true, batch: fewer },
      { use: 'image-folder', with: reading },
      0.05,
    ),
  };
}

async function lostOf(job: Job, data: NonNullable<Job['data']>, limit: number): Promise<Lost> {
  const seconds: { readonly withData: number[]; readonly without: number[] } = { withData: [], without: [] };
  for (let round = 0; round < ROUNDS; round++) {
    seconds.withData.push(...(await secondsOf({ ...job, data })));
    seconds.without.push(...(await secondsOf(job)));
  }
  const [secondsPerStep, secondsWithoutData] = [median(seconds.withData), median(seconds.without)];
  const lost = Math.max(0, 1 - secondsWithoutData / secondsPerStep);
  return { lost, secondsPerStep, secondsWithoutData, batch: job.batch, limit };
}

async function secondsOf(job: Job): Promise<readonly number[]> {
  const { ours } = await measureInTurn({ ours: oursSide(job) });
  if (isMissing(ours)) throw new Error(`Steps were not measured: ${ours.missing}`);
  return ours.seconds;
}

/** Files of CIFAR-10 with so many black training images. */
async function writeCifar10(folder: string, count: number): Promise<string> {
  await mkdir(folder);
  await writeFile(join(folder, 'data_batch_1.bin'), new Uint8Array(count * RECORD));
  await writeFile(join(folder, 'test_batch.bin'), new Uint8Array(RECORD));
  return folder;
}
