import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLoader } from '../../packages/core/src/pipeline/load.js';
import { mutate, mutateText, pick } from '../pipeline/mutate.js';
import { smallRegistry } from '../pipeline/small-plugins.js';
import type { Fuzzer } from './fuzz.js';

const load = createLoader({ plugins: smallRegistry, variables: { HOME: '/home/somebody', N: '3' } });

const samples = (): readonly string[] =>
  readdirSync('test/samples')
    .filter((name) => name.startsWith('composed-'))
    .map((name) => readFileSync(`test/samples/${name}/pipeline.yaml`, 'utf8'))
    .filter((text) => text.length < 4000 && !text.includes('extends'));

const PATHS = [
  ...['seed', 'name', 'train', 'train.epochs', 'train.batch', 'method', 'method.use', 'method.with.dim', 'augment'],
  ...['augment.0', 'augment.+', 'augment.0.with.size', 'quantization.pins.conv1', 'quantization.wrap', 'matrix.seed'],
  ...['matrix', 'stages.+', 'stages.0', 'labels', 'extends', 'plugins', '__proto__.x', 'constructor', 'a.b.c', ''],
];
const TEXTS = [
  ...[
    '1',
    '-1',
    '1e999',
    '[]',
    '{}',
    '[1, 2]',
    '{ use: ssql }',
    '{ use: byol, with: { dim: 2 } }',
    'w4a4',
    '"',
    "'",
    '[',
    '&a 1',
  ],
  ...[
    '*a',
    '!!binary x',
    '${seed}',
    '${env:HOME}',
    '${x',
    '',
    '~',
    'null',
    'true',
    '2020-01-01',
    '\u0000',
    '? x',
    '- 1',
    'a: b: c',
  ],
];

/** A pipeline with one to three changes. */
export function pipelineFuzzer(folder: string): Fuzzer {
  const texts = samples();
  return {
    name: 'pipelines',
    async attempt(source, show) {
      const text = mutate(pick(source, texts), source);
      show(text);
      await load(write(folder, 'pipeline.yaml', text));
    },
  };
}

/** Texts for `--set`. */
export function setFuzzer(folder: string): Fuzzer {
  const texts = samples();
  return {
    name: '`--set` texts',
    async attempt(source, show) {
      const set = Array.from({ length: 1 + source.integer(3) }, () => {
        const [path, text] = [pick(source, PATHS), pick(source, TEXTS)];
        const argument = source.uniform() < 0.1 ? `~${path}` : `${path}=${text}`;
        return source.uniform() < 0.4 ? mutateText(argument, source) : argument;
      });
      show(JSON.stringify(set));
      await load(write(folder, 'pipeline.yaml', pick(source, texts)), set);
    },
  };
}

/** Files that extend each other, some of them no pipelines. */
export function extendsFuzzer(folder: string): Fuzzer {
  const texts = samples();
  return {
    name: '`extends` chains',
    async attempt(source, show) {
      const chain = join(folder, 'chain');
      rmSync(chain, { recursive: true, force: true });
      mkdirSync(join(chain, 'folder'), { recursive: true });
      write(
        chain,
        'bytes.yaml',
        Uint8Array.from({ length: 100 }, () => source.integer(256)),
      );
      write(chain, 'empty.yaml', '');
      symlinkSync('loop.yaml', join(chain, 'loop.yaml'));
      execFileSync('mkfifo', [join(chain, 'pipe.yaml')]);
      const count = 2 + source.integer(3);
      for (let index = 0; index < count; index++) {
        const next = source.uniform() < 0.75 ? `./${index + 1}.yaml` : pick(source, ENDS);
        const base = index === count - 1 ? '' : `extends: ${next}\n`;
        const text = pick(source, texts);
        const part = source.uniform() < 0.5 ? text : mutate(text, source);
        show(`${index}.yaml:\n${base}${part}\n`);
        write(chain, `${index}.yaml`, base + part);
      }
      await load(join(chain, '0.yaml'));
    },
  };
}

const ENDS = [
  ...[
    './0.yaml',
    './1.yaml',
    './folder',
    './bytes.yaml',
    './empty.yaml',
    './missing.yaml',
    './loop.yaml',
    './pipe.yaml',
    '/dev/zero',
    '/dev/null',
    '3',
    '[./1.yaml, ./2.yaml]',
  ],
  ...['..', '""', 'a-package/x.yaml', '{ a: b }', './1.yaml/x', `./${'x'.repeat(300)}.yaml`],
];

function write(folder: string, name: string, data: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, data);
  return file;
}
