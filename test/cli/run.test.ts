import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Evaluation } from '@ssql/core';
import { decodeSafetensors, readRun } from '../../packages/core/src/run.js';
import { SMALL, ssql, writePipeline, type Ended } from './small-run.js';

describe('ssql run', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-cli-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const runFolders = (runs = 'runs'): string[] =>
    readdirSync(join(folder, runs, 'small'))
      .filter((name) => !name.endsWith('.html'))
      .map((name) => join(folder, runs, 'small', name));
  const read = (runs: string, name: string): Buffer => readFileSync(join(runFolders(runs)[0]!, name));

  it('trains a matched pair, evaluates it, and prints the table and the path of the report', async () => {
    const file = writePipeline(folder, { ...SMALL, matrix: { 'quantization.wrap': ['none', 'ssql'] } });
    const { status, stdout, stderr } = await ssql(folder, ['run', file]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /\nlinear-probe +matched +SSQL-SimSiam - SimSiam +[-+\d.]+ +[-+\d.]+\n/);
    assert.match(stdout, /Runs: runs\/small\nReport: runs\/small\/report\.html\n$/);
    assert.ok(readFileSync(join(folder, 'runs/small/report.html'), 'utf8').includes('w2a4'));
    assert.equal(runFolders().length, 2);
    for (const run of runFolders()) {
      const evaluations = JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8')) as Evaluation[];
      assert.deepEqual(
        evaluations.map(({ stage, precision, classifier, metric }) => [stage, precision, classifier, metric].join(' ')),
        ['linear-probe float matched accuracy', 'linear-probe w2a4 matched accuracy', 'knn w4a4 float accuracy'],
      );
      assert.ok(evaluations.every(({ value }) => value > 5 && value <= 100));
      const { tensors } = decodeSafetensors(readFileSync(join(run, 'weights.safetensors')));
      const names = tensors.map(({ name }) => name);
      for (const name of ['layer2.0.downsample.0.weight', 'bn1.running_var', 'projector.6.bias', 'predictor.3.weight'])
        assert.ok(names.includes(name), name);
      assert.deepEqual(tensors.find(({ name }) => name === 'conv1.weight')?.shape, [4, 1, 3, 3]);
      assert.equal(readFileSync(join(run, 'metrics.ndjson'), 'utf8').split('\n').length, 3 * 4 + 1);
    }
    const again = await ssql(folder, ['run', file]);
    assert.equal(again.status, 0);
    assert.doesNotMatch(again.stderr, /pretrain/, 'what is finished is not run again');
    assert.equal(again.stdout, stdout);
  });

  it('adds a stage to a trained run', async () => {
    const [probe] = SMALL['stages'] as unknown[];
    await ssql(folder, ['run', writePipeline(folder, { ...SMALL, stages: [probe] })]);
    const { status, stderr } = await ssql(folder, ['run', writePipeline(folder, SMALL)]);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^SSQL-SimSiam {2}knn {2}0%\nSSQL-SimSiam {2}float \d/m);
    assert.doesNotMatch(stderr, /pretrain|linear.probe/);
    assert.equal(runFolders().length, 1);
  });

  it('goes on if nobody reads its output', async () => {
    const file = writePipeline(folder, { ...SMALL, stages: [] });
    const { status, stderr } = await ssql(folder, ['run', file], (_, __, close) => close());
    assert.equal(status, 0, stderr);
    assert.equal((JSON.parse(read('runs', 'finished.json').toString()) as { run: boolean }).run, true);
    assert.equal((await ssql(folder, ['runs'])).status, 0);
  });

  it('says that its output cannot be written, when its work is done', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const file = writePipeline(folder, { ...SMALL, stages: [] });
    const command = `${process.execPath} ${join(process.cwd(), 'packages/core/bin/ssql.js')} run ${file} > /dev/full`;
    const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 2, stderr);
    assert.match(stderr, /OUTPUT_FAILED The output cannot be written: ENOSPC/);
    assert.equal((JSON.parse(read('runs', 'finished.json').toString()) as { run: boolean }).run, true);
  });

  it('stops at Ctrl-C with status 130, and continues to the same bytes', async () => {
    const file = writePipeline(folder, { ...SMALL, train: { epochs: 40, batch: 50, checkpointEvery: 7 }, stages: [] });
    const stopped = await ssql(folder, ['run', file, '--runs', 'parts'], (stderr, interrupt) => {
      if (stderr.includes('pretrain')) setTimeout(interrupt, 30);
    });
    assert.equal(stopped.status, 130, stopped.stderr);
    assert.match(stopped.stderr, /Continue with: ssql run \/\S+\/pipeline\.yaml --runs parts --resume\n$/);
    const metrics = read('parts', 'metrics.ndjson').toString().trim().split('\n').length;
    assert.ok(metrics < 160, `${metrics} steps were done when it was stopped`);
    const refused = await ssql(folder, ['run', file, '--runs', 'parts']);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /RUN_UNFINISHED/);
    const resumed = await ssql(folder, ['run', file, '--runs', 'parts', '--resume']);
    assert.equal(resumed.status, 0, resumed.stderr);
    const whole = await ssql(folder, ['run', file, '--runs', 'whole']);
    assert.equal(whole.status, 0, whole.stderr);
    assert.doesNotMatch(resumed.stderr, /bytes will differ/);
    for (const name of ['weights.safetensors', join('checkpoints', 'last.safetensors')])
      assert.ok(read('parts', name).equals(read('whole', name)), name);
    const losses = (runs: string): number[] =>
      read(runs, 'metrics.ndjson')
        .toString()
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { loss: number }).loss);
    assert.deepEqual(losses('parts'), losses('whole'));
  });

  it('answers the first Ctrl-C within a long step, and ends at once at the second', async function () {
    if (process.platform === 'win32') this.skip();
    writeFileSync(
      join(folder, 'blocking.mjs'),
      `import { writeSync } from 'node:fs';
      const block = ({ step }) => {
        if (step > 0) { writeSync(2, 'blocked'); for (const end = Date.now() + 60_000; Date.now() < end;); }
        return 1;
      };
      const options = { type: 'object', additionalProperties: false, properties: {} };
      export const plugins = [{ kind: 'schedule', name: 'blocking', summary: 'Blocks.', options, create: () => ({ factor: block }) }];`,
    );
    const file = writePipeline(folder, { ...SMALL, plugins: ['./blocking.mjs'], schedule: 'blocking', stages: [] });
    const began = Date.now();
    let end = 0;
    let stderr = '';
    const command = join(process.cwd(), 'packages/core/bin/ssql.js');
    const child = spawn(process.execPath, [command, 'run', file, '--runs', 'blocked'], { cwd: folder });
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
      if (text.includes('blocked')) child.kill('SIGINT');
      if (!text.includes('Press Ctrl-C again')) return;
      child.kill('SIGINT');
      end = Date.now() + 20_000;
    });
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    assert.equal(signal, 'SIGINT');
    assert.ok(end > 0 && Date.now() < end, `it took ${Date.now() - began} ms`);
    assert.equal(stderr.split('Press Ctrl-C again').length, 2, stderr);
  });

  it('continues to the same bytes after it was killed, at whatever moment', async () => {
    const file = writePipeline(folder, { ...SMALL, train: { epochs: 30, batch: 50, checkpointEvery: 1 }, stages: [] });
    for (const delay of [0, 60, 130, 220]) {
      const killed = await ssql(folder, ['run', file, '--runs', 'parts', '--resume'], (stderr, interrupt) => {
        if (stderr.includes('pretrain')) setTimeout(() => interrupt('SIGKILL'), delay);
      });
      assert.equal(killed.status, null, 'it was killed before its end');
    }
    const resumed = await ssql(folder, ['run', file, '--runs', 'parts', '--resume']);
    assert.equal(resumed.status, 0, resumed.stderr);
    const whole = await ssql(folder, ['run', file, '--runs', 'whole']);
    assert.equal(whole.status, 0, whole.stderr);
    for (const name of ['weights.safetensors', join('checkpoints', 'last.safetensors')])
      assert.ok(read('parts', name).equals(read('whole', name)), name);
    assert.deepEqual(read('parts', 'metrics.ndjson'), read('whole', 'metrics.ndjson'));
    const speeds = (await readRun(runFolders('parts')[0]!)).metrics.map(({ imagesPerSecond }) => imagesPerSecond);
    assert.ok(speeds.length === 120 && speeds.every((speed) => speed > 0), 'each step has a speed');
  });

  it('stops during evaluation too, and continues with the missing stages', async () => {
    const file = writePipeline(folder, SMALL);
    const trained = async (): Promise<void> => {
      while (!existsSync(join(runFolders()[0]!, 'weights.safetensors'))) await delay(5);
    };
    const stopped = await ssql(folder, ['run', file], (stderr, interrupt) => {
      if (stderr.includes('pretrain')) void trained().then(() => interrupt());
    });
    assert.equal(stopped.status, 130, stopped.stderr);
    const resumed = await ssql(folder, ['run', file, '--resume']);
    assert.equal(resumed.status, 0, resumed.stderr);
    assert.doesNotMatch(resumed.stderr, /pretrain/);
    const whole = await ssql(folder, ['run', file, '--runs', 'whole']);
    assert.equal(resumed.stdout.replaceAll('runs/small', 'whole/small'), whole.stdout);
    const { sessions } = JSON.parse(read('runs', 'manifest.json').toString()) as { sessions: unknown[] };
    assert.equal(sessions.length, 1);
  });

  it('does not write to a folder that another process uses', async () => {
    const file = writePipeline(folder, { ...SMALL, train: { epochs: 400, batch: 50 } });
    let second: Promise<Ended> | undefined;
    const first = await ssql(folder, ['run', file], (stderr, interrupt) => {
      if (second || !stderr.includes('pretrain')) return;
      second = ssql(folder, ['run', file, '--fresh']);
      void second.then(() => interrupt());
    });
    const { status, stderr } = await second!;
    assert.equal(status, 2);
    assert.match(stderr, /^RUN_IN_USE /);
    assert.equal(first.status, 130);
    assert.equal((await ssql(folder, ['run', file, '--fresh'], (_, interrupt) => interrupt())).status, 130);
  });

  it('shows the results of the current stages of the pipeline', async () => {
    const knn = (k: number, precisions: string[]) => ({ use: 'knn', with: { k, precisions } });
    const run = async (...stages: unknown[]): Promise<string[]> => {
      const { status, stderr } = await ssql(folder, ['run', writePipeline(folder, { ...SMALL, stages })]);
      assert.equal(status, 0, stderr);
      const evaluations = JSON.parse(read('runs', 'evaluation.json').toString()) as (Evaluation & { earlier?: true })[];
      assert.deepEqual(
        (await readRun(runFolders()[0]!)).evaluations,
        evaluations.filter(({ earlier }) => earlier === undefined),
      );
      return evaluations.map(({ stage, precision, earlier = false }) => `${stage} ${precision}${earlier ? ' -' : ''}`);
    };
    assert.deepEqual(await run(knn(5, ['float', 'w4a4']), knn(9, ['float'])), ['knn float', 'knn w4a4', 'knn 2 float']);
    const evaluated = read('runs', 'evaluation.json');
    const set = ['knn float -', 'knn w4a4 -'];
    assert.deepEqual(await run(knn(9, ['float'])), ['knn float', ...set]);
    assert.deepEqual((await run()).sort(), ['knn float -', ...set]);
    assert.deepEqual(await run(knn(9, ['float'])), ['knn float', ...set]);
    assert.deepEqual(await run(knn(5, ['float'])), ['knn float', ...set, 'knn float -']);
    // The stages that were computed are not computed again, so that their results are the same.
    const timings = read('runs', 'timings.json');
    await run(knn(5, ['float', 'w4a4']), knn(9, ['float']));
    assert.deepEqual(read('runs', 'timings.json'), timings);
    assert.ok(read('runs', 'evaluation.json').toString().startsWith(evaluated.toString().trimEnd().slice(0, -2)));
  });

  it('keeps the checkpoint when the loss is not finite', async () => {
    const schedule = `{
      kind: 'schedule', name: 'blow-up', summary: 'Fine for two epochs.',
      options: { type: 'object', additionalProperties: false, properties: {} },
      create: () => ({ factor: ({ epoch }) => (epoch < 2 ? 1 : 1e30) }),
    }`;
    writeFileSync(join(folder, 'blow-up.mjs'), `export const plugins = [${schedule}];`);
    const change = { plugins: ['./blow-up.mjs'], schedule: 'blow-up', train: { epochs: 4, batch: 50 } };
    const { status, stderr } = await ssql(folder, ['run', writePipeline(folder, { ...SMALL, ...change })]);
    assert.equal(status, 2);
    assert.match(
      stderr,
      /LOSS_NOT_FINITE The loss is (NaN|-?Infinity) at step 10 \(epoch 3\)\.\n +The checkpoint of step 8 is kept/,
    );
    const { metadata, tensors } = decodeSafetensors(read('runs', join('checkpoints', 'last.safetensors')));
    assert.deepEqual([metadata['epoch'], metadata['step']], ['2', '8']);
    assert.ok(tensors.every(({ values }) => values.every(Number.isFinite)));
  });

  const broken: readonly { readonly what: string; readonly change: object; readonly says: RegExp }[] = [
    {
      what: 'a pin that matches nothing',
      change: { quantization: { wrap: 'ssql', pins: { 'layer9.*': { weights: 8 } } } },
      says: /^PIN_UNMATCHED [^\n]*\n {2}at [^\n]*pipeline\.yaml:\d+:\d+\n[^]*layer9/,
    },
    {
      what: 'a learning rate for no parameter',
      change: { optimizer: { use: 'sgd', with: { lrScale: { 'predicter.*': 4 } } } },
      says: /^PARAMETER_UNMATCHED [^\n]*predicter\.\*[^\n]*\n {2}at [^\n]*pipeline\.yaml:\d+:\d+/,
    },
    {
      what: 'a batch of more images than there are',
      change: { train: { epochs: 1, batch: 201 } },
      says: /^BATCH_TOO_LARGE [^\n]*201[^\n]*200[^\n]*\n {2}at [^\n]*pipeline\.yaml:\d+:\d+/,
    },
    {
      what: 'a crop larger than the image',
      change: { augment: [{ use: 'random-erasing', with: { size: [4, 40] } }] },
      says: /^AUGMENTATION_IMPOSSIBLE [^\n]*\n {2}at [^\n]*pipeline\.yaml:\d+:\d+/,
    },
    {
      what: 'more neighbours than images',
      change: { stages: [{ use: 'knn', with: { k: 201, precisions: ['float'] } }] },
      says: /^KNN_IMPOSSIBLE [^\n]*201[^\n]*200[^\n]*\n {2}at [^\n]*pipeline\.yaml:\d+:\d+/,
    },
    {
      what: 'a warm-up longer than training',
      change: { schedule: { use: 'cosine', with: { warmup: 4 } } },
      says: /^OPTION_CONFLICT [^\n]*4 epochs[^\n]*3[^\n]*\n {2}at [^\n]*pipeline\.yaml:\d+:\d+/,
    },
    {
      what: 'a change of the learning rate after training',
      change: { schedule: { use: 'multi-step', with: { epochs: [2, 3] } } },
      says: /^OPTION_CONFLICT [^\n]*epoch 3[^\n]*\n {2}at [^\n]*pipeline\.yaml:\d+:\d+/,
    },
    {
      what: 'a momentum that grows',
      change: { optimizer: { use: 'sgd', with: { lr: 0.05, momentum: 2 } } },
      says: /^OUT_OF_RANGE [^\n]*momentum[^\n]*\n {2}at [^\n]*pipeline\.yaml:\d+:\d+/,
    },
    {
      what: 'data that are not there',
      change: { data: { use: 'cifar10', with: { root: 'nowhere' } } },
      says: /^DATA_MISSING [^\n]*nowhere[^\n]*\n {2}at [^\n]*pipeline\.yaml:\d+:\d+/,
    },
  ];
  for (const { what, change, says } of broken) {
    it(`says before the first step: ${what}`, async () => {
      const { status, stderr } = await ssql(folder, ['run', writePipeline(folder, { ...SMALL, ...change })]);
      assert.equal(status, 2, stderr);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /pretrain|\n +at .*\.js/);
    });
  }

  it('says why it cannot write the folder of a run', async () => {
    const file = writePipeline(folder, { ...SMALL, stages: [] });
    const long = writePipeline(folder, { ...SMALL, name: 'n'.repeat(300), stages: [] }, 'long.yaml');
    for (const [args, says] of [
      [[file, '--runs', file], /^NOT_WRITABLE [^\n]*: a file is where its folder should be\./],
      [[long], /^NOT_WRITABLE [^\n]*: its name is too long for the file system\./],
    ] as const) {
      const { status, stderr } = await ssql(folder, ['run', ...args]);
      assert.equal(status, 2, stderr);
      assert.match(stderr, says);
    }
    const { status, stderr } = await ssql(folder, ['runs', file]);
    assert.equal(status, 2);
    assert.match(stderr, /^RUNS_MISSING /);
  });

  it('names a truncated data file', async () => {
    mkdirSync(join(folder, 'cifar'));
    for (const name of [...[1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`), 'test_batch.bin'])
      writeFileSync(join(folder, 'cifar', name), new Uint8Array(3073 * 3));
    truncateSync(join(folder, 'cifar', 'data_batch_1.bin'), 3073 * 2 + 100);
    const change = { data: { use: 'cifar10', with: { root: 'cifar' } }, augment: [] };
    const { status, stderr } = await ssql(folder, ['run', writePipeline(folder, { ...SMALL, ...change })]);
    assert.equal(status, 2);
    assert.match(stderr, /^DATA_TRUNCATED [^\n]*data_batch_1\.bin/);
  });

  it('refuses damaged weights, and names them', async () => {
    const file = writePipeline(folder, { ...SMALL, stages: [] });
    await ssql(folder, ['run', file]);
    truncateSync(join(runFolders()[0]!, 'weights.safetensors'), 1000);
    const { status, stderr } = await ssql(folder, ['run', writePipeline(folder, SMALL)]);
    assert.equal(status, 2);
    assert.match(stderr, /^CHECKPOINT_CORRUPT [^\n]*weights\.safetensors/m);
  });

  it('notes that a run continues with another engine', async () => {
    const long = { ...SMALL, train: { epochs: 400, batch: 50 }, stages: [] };
    const stopped = await ssql(folder, ['run', writePipeline(folder, long)], (stderr, interrupt) => {
      if (stderr.includes('pretrain')) setTimeout(interrupt, 100);
    });
    assert.equal(stopped.status, 130);
    const other = { ...long, engine: { use: 'auto', threads: { intraOp: 2, interOp: 1 } } };
    const resumed = await ssql(folder, ['run', writePipeline(folder, other), '--resume'], (stderr, interrupt) => {
      if (stderr.includes('pretrain')) setTimeout(() => interrupt('SIGHUP'), 100);
    });
    assert.equal(resumed.status, 129, 'a closed terminal stops the run as Ctrl-C does');
    assert.match(resumed.stderr, /"intraOp":1.*continues with .*"intraOp":2.*bytes will differ/);
  });

  it('falls back to WebAssembly with a note, and computes the same losses as plain JavaScript', async () => {
    // Without quantization, which amplifies the last bits in which the engines differ.
    const pipeline = { ...SMALL, quantization: {}, stages: [], train: { epochs: 2, batch: 50 } };
    const losses = async (use: string, environment: object = {}): Promise<number[]> => {
      const file = writePipeline(folder, { ...pipeline, engine: { use } });
      const { status, stderr } = await ssql(folder, ['run', file, '--runs', use], undefined, environment);
      assert.equal(status, 0, stderr);
      assert.equal(/Using the WebAssembly engine.*`ssql engine install`/.test(stderr), use === 'auto');
      assert.match(read(use, 'manifest.json').toString(), use === 'auto' ? /"name": "wasm"/ : /"name": "cpu"/);
      const lines = read(use, 'metrics.ndjson').toString().trim().split('\n');
      return lines.map((line) => (JSON.parse(line) as { loss: number }).loss);
    };
    const nothing = { SSQL_CACHE_DIR: join(folder, 'empty'), LIBTENSORFLOW_DIR: '' };
    const [wasm, cpu] = [await losses('auto', nothing), await losses('cpu')];
    assert.equal(wasm.length, 8);
    wasm.forEach((loss, step) => assert.ok(Math.abs(loss - cpu[step]!) < 1e-3, `step ${step}: ${loss}, ${cpu[step]}`));
  });
});

describe('ssql doctor', function () {
  this.timeout(60_000);

  it('shows the engine and its speed', async () => {
    const { status, stdout } = await ssql(tmpdir(), ['doctor']);
    assert.equal(status, 0);
    const lines = [
      /^node +v\d+/m,
      /^GPU +(none: (no|the) NVIDIA driver|.* \(compute capability \d+\.\d\).*, driver .*for CUDA \d+\.\d)/m,
      /^libtensorflow +\S/m,
      /^engine +(tensorflow|wasm) /m,
      /^speed +\d+ GFLOP\/s/m,
    ];
    for (const line of lines) assert.match(stdout, line);
  });

  it('explains how to install the fast engine if it is missing', async () => {
    const nothing = { SSQL_CACHE_DIR: join(tmpdir(), 'ssql-none'), LIBTENSORFLOW_DIR: '' };
    const { status, stdout } = await ssql(tmpdir(), ['doctor'], undefined, nothing);
    assert.equal(status, 0);
    assert.match(stdout, /^libtensorflow +not installed: `ssql engine install`/m);
    assert.match(stdout, /^engine +wasm /m);
  });
});

describe('ssql', () => {
  it('ends with status 2 and a code if a file is missing', async () => {
    const { status, stderr } = await ssql(tmpdir(), ['run', 'missing.yaml']);
    assert.equal(status, 2);
    assert.match(stderr, /^PIPELINE_FILE_MISSING /);
  });
});
