import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { align } from './align.js';
import type { Bench, BenchOptions, Measurement } from './bench.js';
import { measureInTurn } from './in-turn.js';
import { median } from './median.js';
import { summary } from './ours.js';

/** Passes of a batch through an encoder in a step of the plain method. */
interface Passes {
  /** Those that gradients flow back through; SSQL makes each of them once more, quantized. */
  readonly trained: number;
  /** Those of the momentum encoder. */
  readonly momentum: number;
}

/** The pipeline that a method's options come from, and its passes. */
const METHODS: { readonly [method: string]: Passes & { readonly pipeline: string } } = {
  simsiam: { pipeline: 'quickstart.yaml', trained: 2, momentum: 0 },
  byol: { pipeline: 'digits/byol.yaml', trained: 2, momentum: 2 },
  moco: { pipeline: 'digits/moco.yaml', trained: 1, momentum: 1 },
  simclr: { pipeline: 'digits/simclr.yaml', trained: 2, momentum: 0 },
  'barlow-twins': { pipeline: 'digits/barlow-twins.yaml', trained: 2, momentum: 0 },
};

/** What a step costs with SSQL, by method; plain and SSQL step in turn, so that what else the machine does falls on both. */
export const methodsBench: Bench = {
  summary: 'what SSQL adds to a step of each method',
  batch: 32,
  steps: 10,
  async run(options) {
    const results: Result[] = [];
    for (const method of Object.keys(METHODS)) results.push(await measureMethod(options, method));
    const { batch, steps, threads, network } = options;
    return { ok: true, text: table(results), json: { network, batch, steps, threads, methods: results } };
  },
};

interface Result {
  readonly method: string;
  readonly plain: Measurement;
  readonly ssql: Measurement;
  /** SSQL over plain: the median over the steps, each with its neighbour. */
  readonly ratio: number;
  readonly memoryRatio: number;
  /** The ratio, were passes through the encoder all that costs. */
  readonly expectedRatio: number;
}

async function measureMethod(options: BenchOptions, method: string): Promise<Result> {
  const { pipeline, ...passes } = METHODS[method]!;
  const trained = { network: options.network, method: await methodOf(pipeline) };
  options.log(`${method}: ${options.steps} steps each of ${options.batch} images on ${options.threads} threads`);
  const [plain, ssql] = await measureInTurn(options, [
    { ...trained, wrapper: 'none' },
    { ...trained, wrapper: 'ssql' },
  ]);
  return {
    method,
    plain: summary(plain),
    ssql: summary(ssql),
    ratio: median(ssql.seconds.map((seconds, step) => seconds / plain.seconds[step]!)),
    memoryRatio: ssql.peakBytes / plain.peakBytes,
    expectedRatio: expectedRatio(passes),
  };
}

/** The method of a pipeline in `pipelines/`. */
async function methodOf(pipeline: string): Promise<object> {
  const file = join(import.meta.dirname, '..', 'pipelines', pipeline);
  const { method } = parse(await readFile(file, 'utf8')) as { readonly method: object };
  return method;
}

/** A pass costs one, and the way back two: the gradients of what goes in and of the weights. */
function expectedRatio({ trained, momentum }: Passes): number {
  return (2 * 3 * trained + momentum) / (3 * trained + momentum);
}

function table(results: readonly Result[]): string {
  const rows = results.map(({ method, plain, ssql, ratio, expectedRatio: expected, memoryRatio }) => [
    method,
    plain.secondsPerStep.toPrecision(3),
    ssql.secondsPerStep.toPrecision(3),
    `${ratio.toFixed(2)}x`,
    `${expected.toFixed(2)}x`,
    `${memoryRatio.toFixed(2)}x`,
  ]);
  return align([['', 'plain s/step', 'SSQL s/step', 'ratio', 'by passes', 'peak memory'], ...rows]);
}
