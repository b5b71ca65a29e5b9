/** Trains for some steps, as users do, and prints a Measurement. Its argument is a Job. Between two steps it waits for a line on stdin. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPipeline } from '@ssql/core/run';
import type { Measurement } from '../bench.js';
import { loadRecipe, WARM_UPS, type Job } from '../recipe.js';

const job = JSON.parse(process.argv[2] ?? '') as Job;
const folder = await mkdtemp(join(tmpdir(), 'ssql-bench-'));
const seconds: number[] = [];
const residentBytes: number[] = [];
let peakBytes = 0;
try {
  await runPipeline(await loadRecipe(job), {
    folder,
    version: 'bench',
    onEvent(event) {
      if (event.type === 'note') console.error(event.text);
      if (event.type !== 'step' || !event.metrics) return;
      seconds.push(job.batch / event.metrics.imagesPerSecond);
      residentBytes.push(process.memoryUsage.rss());
      peakBytes = process.resourceUsage().maxRSS * 1024; // the last one comes before the checkpoint of the end
    },
  });
  const measured = { seconds: seconds.slice(WARM_UPS), residentBytes: residentBytes.slice(WARM_UPS), peakBytes };
  console.log(JSON.stringify(measured satisfies Measurement));
} catch (error) {
  console.error((error as Error).message); // its last line is the reason that the bench prints
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}
