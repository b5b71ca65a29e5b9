import { execFile, type ExecFileException } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench, Measurement, StepOptions } from './bench.js';
import { report } from './format.js';

/** A Python that can import torch, or why there is none. */
type Peer = { readonly python: string } | { readonly missing: string };

type PeerResult = { readonly measurement: Measurement } | { readonly missing: string };

const folder = join(import.meta.dirname, 'peer');
const environment = join(folder, '.venv');
const environmentPython = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

const execute = promisify(execFile);

/** The peer alone, without ours. */
export const peerBench: Bench = {
  summary: 'the PyTorch training step of SSQL-SimSiam alone',
  steps: 5,
  async run(options) {
    if (options.oursOnly) return report(options, { peerMissing: '--ours-only leaves nothing to measure here' });
    const result = await measurePeer(options);
    return report(options, 'missing' in result ? { peerMissing: result.missing } : { peer: result.measurement });
  },
};

/** Measures the PyTorch step in a process of its own. */
export async function measurePeer({ batch, steps, threads, log }: StepOptions): Promise<PeerResult> {
  const peer = await preparePeer(log);
  if ('missing' in peer) return peer;
  log(`PyTorch: ${steps} steps of ${batch} images on ${threads} threads`);
  const script = join(folder, 'ssql_simsiam_step.py');
  const options = Object.entries({ batch, steps, threads }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  try {
    const { stdout } = await execute(peer.python, [script, ...options]);
    return { measurement: readMeasurement(stdout) };
  } catch (error) {
    return { missing: `its step failed: ${lastLine(error)}` };
  }
}

/**
 * Finds a Python with torch: the one that PEER_PYTHON names, bench/peer/.venv, the system's. Where none has torch, makes
 * bench/peer/.venv with pip.
 */
async function preparePeer(log: (message: string) => void): Promise<Peer> {
  const chosen = process.env['PEER_PYTHON'];
  if (chosen !== undefined) {
    return (await hasTorch(chosen)) ? { python: chosen } : { missing: `PEER_PYTHON (${chosen}) cannot import torch` };
  }
  for (const python of [environmentPython, 'python3']) {
    if (await hasTorch(python)) return { python };
  }
  return createEnvironment(log);
}

async function createEnvironment(log: (message: string) => void): Promise<Peer> {
  log(`Installing torch into ${environment}, once`);
  try {
    if (!existsSync(environmentPython)) await execute('python3', ['-m', 'venv', environment]);
    const requirements = join(folder, 'requirements.txt');
    await execute(environmentPython, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
  } catch (error) {
    return { missing: `torch could not be installed: ${lastLine(error)}` };
  }
  if (await hasTorch(environmentPython)) return { python: environmentPython };
  return { missing: 'torch was installed but cannot be imported' };
}

async function hasTorch(python: string): Promise<boolean> {
  return execute(python, ['-c', 'import torch']).then(
    () => true,
    () => false,
  );
}

function readMeasurement(stdout: string): Measurement {
  // The script's last line; its keys are those of a Measurement, and some more for the curious.
  const { secondsPerStep, imagesPerSecond, peakBytes } = JSON.parse(
    stdout.trim().split('\n').at(-1) ?? '',
  ) as Measurement;
  return { secondsPerStep, imagesPerSecond, peakBytes };
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as ExecFileException;
  return (stderr?.trim() || message).split('\n').at(-1) ?? message;
}
