import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DIRECTIONS, type Direction, type Work } from './arithmetic.js';
import { isMissing, type BenchOptions, type Precision } from './bench.js';
import type { Layer } from './layers.js';
import { PEER_FOLDER, type Peer } from './peer.js';

/** Layers to time, in a process of its own. */
export interface LayerJob {
  readonly layers: readonly Layer[];
  readonly batch: number;
  readonly threads: number;
  readonly precision: Precision;
  /** Each layer is timed so many times; the fastest counts. */
  readonly rounds: number;
}

/** Seconds of layers alone, by direction; layers are named by `nameOf`. */
export type LayerSeconds = ReadonlyMap<string, Readonly<Record<Direction, number>>>;

const ROUNDS = 8;

const execute = promisify(execFile);

/**
 * Measures something, and before and after it the machine's peak: each distinct layer alone, in each direction, on random operands, in our
 * engine and in PyTorch.
 */
export async function betweenPeaks<T>(
  { batch, threads, log }: BenchOptions,
  { work, precision, peer }: { readonly work: readonly Work[]; readonly precision: Precision; readonly peer: Peer },
  measure: () => Promise<T>,
): Promise<{ readonly measured: T; readonly layerSeconds: readonly LayerSeconds[] }> {
  const layers = [...new Map(work.map(({ layer }) => [nameOf(layer), layer])).values()];
  const job = { layers, batch, threads, precision, rounds: ROUNDS };
  log(`peak of ${layers.length} layers in ${precision}`);
  const before = await timeLayers(job, peer);
  const measured = await measure();
  log(`peak of ${layers.length} layers in ${precision}, once more`);
  const after = await timeLayers(job, peer);
  return { measured, layerSeconds: [...before, ...after] };
}

/** The least time of a step's layers: each as fast as in its fastest measurement, as often as in the step. */
export function leastSeconds(work: readonly Work[], measurements: readonly LayerSeconds[]): number {
  const fastest = (layer: Layer, direction: Direction): number =>
    Math.min(...measurements.map((seconds) => seconds.get(nameOf(layer))![direction]));
  return work
    .flatMap((item) => DIRECTIONS.map((direction) => item[direction] * fastest(item.layer, direction)))
    .reduce((sum, seconds) => sum + seconds, 0);
}

/** Equal layers have equal names. */
export function nameOf(layer: Layer): string {
  return JSON.stringify(layer);
}

async function timeLayers(job: LayerJob, peer: Peer): Promise<LayerSeconds[]> {
  const text = JSON.stringify(job);
  const commands = [
    [process.execPath, '--import', 'tsx', join(import.meta.dirname, 'ours', 'time-layers.ts'), text],
    ...(isMissing(peer) ? [] : [[peer.python, join(PEER_FOLDER, 'time_layers.py'), text]]),
  ];
  const results: LayerSeconds[] = [];
  for (const [command, ...rest] of commands) {
    const { stdout } = await execute(command!, rest);
    const seconds = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<Direction, number>[];
    results.push(new Map(job.layers.map((layer, index) => [nameOf(layer), seconds[index]!])));
  }
  return results;
}
