import { execFile, type ExecFileException } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isMissing, type BenchOptions, type Missing } from './bench.js';
import type { Side } from './in-turn.js';
import { WARM_UPS } from './recipe.js';

/** A Python that can import torch, or why there is none. */
export type Peer = { readonly python: string } | Missing;

export const PEER_FOLDER = join(import.meta.dirname, 'peer');
const environment = join(PEER_FOLDER, '.venv');
const environmentPython = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

const NOT_INSTALLED = 'torch is not installed';

const execute = promisify(execFile);

/** The ways in which PyTorch runs the step: eager, with torch.compile, and eager under bfloat16 autocast. All are channels_last. */
export type PeerMode = 'eager' | 'compiled' | 'autocast';

/** PyTorch's step, to be measured in turn. */
export function peerSide(peer: Peer, mode: PeerMode, { batch, steps, threads }: BenchOptions): Side | Missing {
  if (isMissing(peer)) return peer;
  const options = Object.entries({ mode, batch, steps, threads, 'warm-ups': WARM_UPS });
  const script = join(PEER_FOLDER, 'ssql_simsiam_step.py');
  return {
    command: peer.python,
    arguments: [script, ...options.flatMap(([name, value]) => [`--${name}`, `${value}`])],
  };
}

/** Finds a Python with torch; if there is none, makes bench/peer/.venv with pip. */
export async function preparePeer(options: BenchOptions): Promise<Peer> {
  const peer = await findPeer(options);
  return isMissing(peer) && peer.missing === NOT_INSTALLED ? createEnvironment(options.log) : peer;
}

/** Finds a Python with torch: the one that PEER_PYTHON names, bench/peer/.venv, the system's. */
export async function findPeer({ oursOnly }: BenchOptions): Promise<Peer> {
  if (oursOnly) return { missing: '--ours-only' };
  const chosen = process.env['PEER_PYTHON'];
  if (chosen !== undefined)
    return (await hasTorch(chosen)) ? { python: chosen } : { missing: `PEER_PYTHON (${chosen}) cannot import torch` };
  for (const python of [environmentPython, 'python3']) {
    if (await hasTorch(python)) return { python };
  }
  return { missing: NOT_INSTALLED };
}

async function createEnvironment(log: (message: string) => void): Promise<Peer> {
  log(`Installing torch into ${environment}, once`);
  try {
    if (!existsSync(environmentPython)) await execute('python3', ['-m', 'venv', environment]);
    const requirements = join(PEER_FOLDER, 'requirements.txt');
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

function lastLine(error: unknown): string {
  const { stderr, message } = error as ExecFileException;
  return (stderr?.trim() || message).split('\n').at(-1) ?? message;
}
