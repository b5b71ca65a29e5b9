import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { StepOptions } from './bench.js';
import { commandLine, type OwnMeasurement, type Trained } from './ours.js';

/** Measures two trainings, each in a process of its own, that step in turn: one stands still while the other works. */
export async function measureInTurn(
  options: StepOptions,
  [first, second]: readonly [Trained, Trained],
): Promise<readonly [OwnMeasurement, OwnMeasurement]> {
  const [one, other] = [begin(options, first), begin(options, second)];
  try {
    // In the first step, in which the graph is made, nobody waits for its turn: it warms up.
    let lines = [await one.line(), await other.line()] as const;
    while (!lines.every((line) => line.startsWith('{'))) lines = [await one.step(), await other.step()];
    return [JSON.parse(lines[0]) as OwnMeasurement, JSON.parse(lines[1]) as OwnMeasurement]; // the script's last lines
  } catch (error) {
    one.stop();
    other.stop();
    throw error;
  }
}

interface Stepping {
  /** What it says of the step that it is at; of the last one, the measurement. */
  line(): Promise<string>;
  /** Lets it make a step. */
  step(): Promise<string>;
  stop(): void;
}

function begin(options: StepOptions, trained: Trained): Stepping {
  const child = spawn(process.execPath, [...commandLine(options, trained), '--turns'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { done, value } = await lines.next();
    if (done) throw new Error('A training broke off.');
    return value;
  };
  return {
    line,
    step() {
      child.stdin.write('\n');
      return line();
    },
    stop: () => void child.kill(),
  };
}
