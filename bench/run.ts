import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { NETWORKS, type Bench } from './bench.js';
import { memoryBench } from './memory.js';
import { methodsBench } from './methods.js';
import { peerBench } from './peer.js';
import { stepBench } from './step.js';

/** Every bench, by the name that the command line takes. */
const benches: ReadonlyMap<string, Bench> = new Map([
  ['step', stepBench],
  ['methods', methodsBench],
  ['memory', memoryBench],
  ['peer', peerBench],
]);

const usage = `npm run bench -- <name> [options]

${[...benches].map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`).join('\n')}

  --batch N     images per step (64; methods: 32)
  --steps N     measured steps, after the warm-up (5; memory: 2000; methods: 10)
  --network X   the network of methods: ${NETWORKS.join(', ')} (${NETWORKS[0]})
  --threads N   threads (all cores)
  --ours-only   leave PyTorch out
  --json        print one JSON object`;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv);
  const [name, ...rest] = positionals;
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const bench = name !== undefined && rest.length === 0 ? benches.get(name) : undefined;
  if (!bench) {
    console.error(usage);
    return 2;
  }
  const settings = {
    batch: count('batch', values.batch ?? String(bench.batch ?? 64)),
    steps: count('steps', values.steps ?? String(bench.steps)),
    threads: count('threads', values.threads ?? String(availableParallelism())),
    network: oneOf('network', values.network, NETWORKS),
  };
  const log = (message: string): void => console.error(message);
  const { ok, text, json } = await bench.run({ ...settings, oursOnly: values['ours-only'], log });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  console.log(values.json ? JSON.stringify({ bench: name, ...json, machine }, undefined, 2) : text);
  return ok ? 0 : 1;
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      batch: { type: 'string' },
      steps: { type: 'string' },
      network: { type: 'string', default: NETWORKS[0] },
      threads: { type: 'string' },
      'ours-only': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${option} must be a whole number above 0, not '${text}'`);
  return value;
}

function oneOf<T extends string>(option: string, text: string, known: readonly T[]): T {
  const value = known.find((one) => one === text);
  if (value === undefined) throw new Error(`--${option} must be one of ${known.join(', ')}, not '${text}'`);
  return value;
}
