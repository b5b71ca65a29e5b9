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
 * A process that fails is missing, with what it wrote about its error as the reason.
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
  let notStarted: string | undefined;
  let errors = '';
  child.on('error', ({ message }) => (notStarted = message));
  child.stderr.on('data', (chunk) => (errors = (errors + String(chunk)).slice(-ERRORS_KEPT)));
  const ended = new Promise<string>((resolve) =>
    child.on('close', (status, signal) => resolve(`${signal ?? `exit status ${status}`} before its last step`)),
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Progress> => {
    for (;;) {
      const { done, value } = await lines.next();
      if (done) break;
      if (value.startsWith('step ')) return 'stepped';
      if (value.startsWith('{')) return JSON.parse(value) as Measurement;
    }
    const ending = await ended;
    return { missing: notStarted ?? errorLine(errors) ?? `its process ended with ${ending}` };
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

/** Characters of a process's errors. */
const ERRORS_KEPT = 10_000;

/** The line that names an error, which Node prints before its stack and Python after it; otherwise the last line, if there is one. */
function errorLine(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1);
}
