import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { augmentBench } from './augment.js';
import type { Bench } from './bench.js';
import { evaluateBench } from './evaluate.js';
import { guardCheck } from './guard-check.js';
import { loadBench } from './load.js';
import { memoryBench } from './memory.js';
import { methodsBench } from './methods.js';
import { startBench } from './start.js';
import { stepBench } from './step.js';

/** Every bench, by the name that the command line takes. */
const benches: ReadonlyMap<string, Bench> = new Map([
  ['step', stepBench],
  ['methods', methodsBench],
  ['memory', memoryBench],
  ['guard', guardCheck],
  ['start', startBench],
  ['evaluate', evaluateBench],
  ['load', loadBench],
  ['augment', augmentBench],
]);

const IMAGES = 100_000;

const usage = `npm run bench -- <name> [options]

${[...benches].map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`).join('\n')}

  --batch N     images per step (${defaults(({ batch = 64 }) => batch)})
  --steps N     measured steps, after the warm-up (${defaults(({ steps }) => steps)})
  --threads N   threads (all cores)
  --images N    images in the tree of \`load\` (${IMAGES})
  --ours-only   without PyTorch: neither its step nor its convolutions in the peak
  --json        print one JSON object

Both views of an image are augmented as in the CIFAR-10 recipe, so they differ. The arithmetic of a step is counted from its network, and
the peak is the least time of its convolutions and matrix products alone, in our engine or in PyTorch, measured before and after the
steps. A bench fails (exit status 1) if a step is faster than this peak: a part of its arithmetic was left out.

PyTorch is looked for in PEER_PYTHON, bench/peer/.venv and python3. \`step\` installs it into bench/peer/.venv if it is in none of them.`;

/** A mistake in the arguments. */
class UsageError extends Error {}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}. \`npm run bench -- --help\` lists the benches and their options.`);
  process.exitCode = 2;
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv);
  const [name, ...rest] = positionals;
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const bench = name !== undefined && rest.length === 0 ? benches.get(name) : undefined;
  if (!bench) {
    if (name !== undefined) throw new UsageError(`There is no bench \`${positionals.join(' ')}\``);
    console.error(usage);
    return 2;
  }
  if (bench.leastSteps !== undefined && values.steps !== undefined && Number(values.steps) < bench.leastSteps)
    throw new UsageError(`\`${name}\` needs at least ${bench.leastSteps} steps`);
  const settings = {
    batch: count('batch', values.batch ?? String(bench.batch ?? 64)),
    steps: count('steps', values.steps ?? String(bench.steps)),
    threads: count('threads', values.threads ?? String(availableParallelism())),
    images: count('images', values.images ?? String(IMAGES)),
  };
  const log = (message: string): void => console.error(message);
  const { ok, text, json } = await bench.run({ ...settings, oursOnly: values['ours-only'], log });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  console.log(values.json ? JSON.stringify({ bench: name, ok, ...json, machine }, undefined, 2) : text);
  return ok ? 0 : 1;
}

function parse(argv: readonly string[]) {
  const options = {
    batch: { type: 'string' },
    steps: { type: 'string' },
    threads: { type: 'string' },
    images: { type: 'string' },
    'ours-only': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError((error as Error).message); // its only errors are those of arguments
  }
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`--${option} must be a whole number above 0, not '${text}'`);
  return value;
}

/** The default of each bench, for the usage. */
function defaults(of: (bench: Bench) => number): string {
  return [...benches].map(([name, bench]) => `${name} ${of(bench)}`).join(', ');
}
