import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { arch, availableParallelism, cpus, freemem, platform, release } from 'node:os';
import type { Rank } from '@tensorflow/tfjs-core';
import { Command } from 'commander';
import { bfloat16Obstacle } from '../engine/bfloat16-support.js';
import type { Engine } from '../engine/engine.js';
import type { GpuProbe } from '../engine/probe-gpus.js';
import type { Library } from '../engine/provision/locate.js';
import { SsqlError } from '../errors.js';
import { setExitStatus } from './exit-status.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { rows } from './rows.js';
import { readVersion } from '../version.js';

/** `ssql doctor`: prints facts about the machine, its engine and its speed. Exit status 1 if no engine works. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('Check the engine and the machine.')
    .addOption(jsonOption('the results'))
    .action(doctor);
  return examples(command, 'ssql doctor', 'ssql doctor --json');
}

async function doctor({ json = false }: { readonly json?: boolean }): Promise<void> {
  const [{ openEngine }, { cacheFolder, findLibrary }, { verifyLibrary }, { loadCudaDriver }, { probeGpus }] =
    await Promise.all([
      import('../engine/open-engine.js'),
      import('../engine/provision/locate.js'),
      import('../engine/provision/verify-library.js'),
      import('../engine/cuda-driver.js'),
      import('../engine/probe-gpus.js'),
    ]);
  const probe = probeGpus(await loadCudaDriver());
  const library = libraryFacts(findLibrary);
  const facts: [name: string, value: string][] = [
    ['ssql', readVersion()],
    ['node', `${process.version} ${platform()} ${release()} ${arch()}`],
    ['processors', `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown'}`],
    ['free memory', gibibytes(freemem())],
    ['cache', cacheFolder()],
    ['free disk', await freeDisk()],
    ['GPU', gpuFacts(probe)],
    ['libtensorflow', library.text],
  ];
  const notes: string[] = [];
  try {
    if (library.library !== undefined) await verifyLibrary(library.library);
    const engine = await openEngine({ use: 'auto' }, (line) => notes.push(line));
    const { name, version, device, threads } = engine.info;
    facts.push([
      'engine',
      `${name} ${version}, ${device}, ${threads.intraOp} x ${threads.interOp} threads (intra-op x inter-op)`,
    ]);
    const obstacle = bfloat16Obstacle(engine.info);
    facts.push(['bfloat16', obstacle === undefined ? 'supported' : 'not faster than float32 here']);
    if (probe.gpus.length > 0 && library.library?.build !== 'gpu')
      notes.push('The engine does not use the GPU. `ssql engine install --gpu` installs the build that does.');
    if (name === 'tensorflow')
      facts.push(['oneDNN', `TF_ENABLE_ONEDNN_OPTS=${process.env['TF_ENABLE_ONEDNN_OPTS'] ?? ''}`]);
    facts.push([
      'speed',
      `${await measure(engine).finally(() => engine.close())} GFLOP/s (3x3 convolution, 64 channels)`,
    ]);
  } catch (error) {
    if (!(error instanceof SsqlError)) throw error;
    notes.push(`No engine works: ${error.message}`, ...(error.details.hint === undefined ? [] : [error.details.hint]));
    setExitStatus(1);
  }
  if (json) return printJson({ ...Object.fromEntries(facts), notes });
  process.stdout.write(rows(facts));
  for (const note of notes) process.stdout.write(`\n${note}\n`);
}

function gpuFacts({ gpus, cuda, reason }: GpuProbe): string {
  if (reason !== undefined) return `none: ${reason}`;
  const names = gpus.map(({ name, computeCapability }) => `${name} (compute capability ${computeCapability})`);
  return `${names.join(', ')}, driver ${[driverVersion(), `for CUDA ${cuda}`].filter(Boolean).join(' ')}`;
}

/** The version of NVIDIA's kernel module, such as 555.42.06. Linux under Windows has no such file. */
function driverVersion(): string | undefined {
  try {
    return /\b\d{3}\.\d+(\.\d+)?\b/.exec(readFileSync('/proc/driver/nvidia/version', 'utf8'))?.[0];
  } catch {
    return undefined;
  }
}

function libraryFacts(findLibrary: () => Library | undefined): { text: string; library?: Library } {
  try {
    const library = findLibrary();
    if (!library) return { text: 'not installed: `ssql engine install`' };
    const { folder, source, build } = library;
    return { text: `${folder} (${build.toUpperCase()} build, ${source})`, library };
  } catch (error) {
    if (error instanceof SsqlError) return { text: error.message };
    throw error;
  }
}

async function freeDisk(): Promise<string> {
  const { bavail, bsize } = await statfs('.');
  return `${gibibytes(bavail * bsize)} in this folder`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** The speed of the fastest of several convolutions, in 10^9 operations per second. */
async function measure({ tf, ops }: Engine): Promise<number> {
  const [images, side, channels] = [16, 32, 64];
  const x = tf.ones<Rank.R4>([images, side, side, channels]);
  const filter = tf.ones<Rank.R4>([3, 3, channels, channels]);
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    const y = ops.conv2d(x, filter, { stride: 1, padding: 1 });
    await y.data();
    best = Math.min(best, performance.now() - began);
    y.dispose();
  }
  tf.dispose([x, filter]);
  return Math.round((2 * 9 * images * side * side * channels * channels) / (best * 1e6));
}
