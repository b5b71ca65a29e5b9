import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { isMissing, type Measurement, type Missing } from './bench.js';

/** A process that trains. It prints a line after each step and waits for one, and ends with a Measurement. */
export interface Side {
  readonly command: string;
  readonly arguments: readonly string[];
}

/**
 * Measures trainings that step in turn: each waits while the others work, so that whatever else the machine does affects all of them.
 * A process that fails is missing, with the last line of its errors as the reason.
 */
export async function measureInTurn<N extends string>(
  sides: Readonly<Record<N, Side | Missing>>,
): Promise<Record<N, Measurement | Missing>> {
  const results: { [name: string]: Measurement | Missing } = {};
  const stepping = new Map<string, Stepping>();
  try {
    const take = (name: string, progress: Progress): void => {
      if (progress === 'stepped') return;
      results[name] = progress;
      stepping.delete(name);
    };
    // One after the other, because ours measures how many threads to use before its first step.
    for (const [name, side] of Object.entries<Side | Missing>(sides)) {
      if (isMissing(side)) {
        results[name] = side;
        continue;
      }
      const process = begin(side);
      stepping.set(name, process);
      take(name, await process.next());
    }
    while (stepping.size > 0) for (const [name, process] of stepping) take(name, await process.step());
    return results as Record<N, Measurement | Missing>; // each name has a result
  } finally {
    for (const process of stepping.values()) process.stop();
  }
}

type Progress = 'stepped' | Measurement | Missing;

interface Stepping {
  /** Waits for the end of the current step. */
  next(): Promise<Progress>;
  /** Makes one step. */
  step(): Promise<Progress>;
  stop(): void;
}

function begin({ command, arguments: argv }: Side): Stepping {
  const child = spawn(command, [...argv], { stdio: 'pipe' });
  child.stdin.on('error', () => undefined); // it ended; `next` tells why
  let failure = '';
  child.on('error', ({ message }) => (failure = message));
  child.stderr.on('data', (chunk) => (failure = lastLine(failure + String(chunk))));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Progress> => {
    for (;;) {
      const { done, value } = await lines.next();
      if (done) break;
      if (value.startsWith('step ')) return 'stepped';
      if (value.startsWith('{')) return JSON.parse(value) as Measurement;
    }
    await ended;
    return { missing: failure || 'its process ended before its last step' };
  };
  return {
    next,
    step() {
      child.stdin.write('\n');
      return next();
    },
    stop: () => void child.kill(),
  };
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
