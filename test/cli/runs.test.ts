import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Evaluation } from '@ssql/core';
import { SMALL, ssql, writePipeline } from './small-run.js';

interface Summary {
  readonly id: string;
  readonly folder: string;
  readonly pipeline: string;
  readonly label: string;
  readonly state: string;
  readonly epochs: { readonly done: number; readonly total: number };
  readonly date: string;
  readonly seconds: number;
  readonly evaluations: readonly Evaluation[];
}

interface Planned {
  readonly runs: readonly {
    readonly label: string;
    readonly folder: string;
    readonly phases: readonly {
      readonly name: string;
      readonly state: string;
      readonly steps?: { readonly done: number; readonly total: number };
    }[];
  }[];
}

describe('commands about runs', function () {
  this.timeout(120_000);
  let folder: string;
  let file: string;
  let finished: { readonly status: number | null; readonly stdout: string; readonly stderr: string };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-runs-'));
    const monitor = { every: 1, stages: [{ use: 'knn', with: { precisions: ['float'] } }] };
    file = writePipeline(folder, { ...SMALL, monitor, matrix: { 'quantization.wrap': ['none', 'ssql'] } });
    finished = await ssql(folder, ['run', file, '--json']);
    assert.equal(finished.status, 0, finished.stderr);
  });
  after(() => rmSync(folder, { recursive: true }));

  const list = async (...args: string[]): Promise<readonly Summary[]> => {
    const { status, stdout, stderr } = await ssql(folder, ['runs', ...args, '--json']);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as readonly Summary[];
  };
  const plan = async (...args: string[]): Promise<Planned> => {
    const { status, stdout, stderr } = await ssql(folder, ['run', ...args, '--dry-run', '--json']);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Planned;
  };
  const evaluationsOf = (run: string): readonly Evaluation[] =>
    JSON.parse(readFileSync(join(folder, run, 'evaluation.json'), 'utf8')) as readonly Evaluation[];

  it('run prints its result as one JSON object, and progress elsewhere', () => {
    const result = JSON.parse(finished.stdout) as {
      folder: string;
      documents: { title: string; file: string }[];
      runs: {
        folder: string;
        label: string;
        evaluations: Evaluation[];
        monitored: { epochs: number }[];
        timings: object;
      }[];
      differences: { group: string; baseline: string; mean: number; pairs: number }[];
    };
    assert.equal(result.folder, 'runs/small');
    assert.deepEqual(
      result.documents.map(({ title }) => title),
      ['Report'],
    );
    assert.ok(existsSync(join(folder, result.documents[0]?.file ?? '')));
    assert.deepEqual(
      result.runs.map(({ label }) => label),
      ['SimSiam', 'SSQL-SimSiam'],
    );
    for (const run of result.runs) {
      assert.deepEqual(run.evaluations, evaluationsOf(run.folder));
      assert.deepEqual(
        run.monitored.map(({ epochs }) => epochs),
        [1, 2, 3],
      );
      assert.deepEqual(Object.keys(run.timings).toSorted(), ['knn', 'linear-probe', 'monitor', 'pretrain']);
    }
    assert.deepEqual(
      result.differences.map(({ group, baseline, mean, pairs }) => [group, baseline, mean, pairs]),
      result.runs[0]?.evaluations.map(({ value }, index) => {
        return ['SSQL-SimSiam', 'SimSiam', result.runs[1]!.evaluations[index]!.value - value, 1];
      }),
    );
    assert.match(finished.stderr, /pretrain/);
  });

  it('runs lists runs with their durations and evaluations', async () => {
    const summaries = await list();
    assert.deepEqual(
      summaries.map(({ pipeline, label, state, epochs }) => [pipeline, label, state, epochs]),
      ['SimSiam', 'SSQL-SimSiam'].map((label) => ['small', label, 'finished', { done: 3, total: 3 }]),
    );
    for (const { folder: run, evaluations, seconds, date } of summaries) {
      assert.deepEqual(evaluations, evaluationsOf(run));
      assert.ok(seconds > 0 && Math.abs(Date.now() - new Date(date).getTime()) < 600_000);
    }
    assert.deepEqual(await list('runs/small'), summaries);
    const [first] = summaries;
    assert.deepEqual(await list(first?.folder ?? ''), [first]);
    const { stdout } = await ssql(folder, ['runs']);
    assert.match(
      stdout,
      /^run +state +started +duration\nsmall\/simsiam-[0-9a-f]{8} +finished +\d{4}-\d\d-\d\d \d\d:\d\d +[\d.]+s\n/,
    );
    assert.match(
      stdout,
      /\n {4}quantization\.wrap: none, seed: 3\n {4}linear-probe matched: {2}float \d+\.\d {2}w2a4 \d+\.\d\n/,
    );
  });

  const firstCheckpoint = async (): Promise<void> => {
    const [run = ''] = readdirSync(join(folder, 'runs', 'long'));
    while (!existsSync(join(folder, 'runs', 'long', run, 'checkpoints', 'last.safetensors'))) await setTimeout(20);
  };

  it('runs distinguishes unfinished from running runs', async () => {
    const long = { ...SMALL, name: 'long', train: { epochs: 400, batch: 50, checkpointEvery: 1 }, stages: [] };
    const pipeline = writePipeline(folder, long, 'long.yaml');
    let running: Promise<readonly Summary[]> | undefined;
    const { status } = await ssql(folder, ['run', pipeline], (stderr, interrupt) => {
      if (running || !stderr.includes('pretrain')) return;
      running = list('runs/long');
      void running.then(firstCheckpoint).finally(interrupt);
    });
    assert.equal(status, 130);
    assert.deepEqual(
      (await running!).map(({ state }) => state),
      ['running'],
    );
    const [stopped] = await list('runs/long');
    assert.equal(stopped?.state, 'unfinished');
    const { done, total } = stopped.epochs;
    assert.ok(done >= 1 && done < 400 && total === 400, `${done} of ${total}`);
    const { stdout } = await ssql(folder, ['runs', 'runs/long']);
    assert.ok(stdout.includes(`unfinished: epoch ${done} of 400`), stdout);
    const [planned] = (await plan(pipeline, '--resume')).runs;
    const [pretrain] = planned?.phases ?? [];
    assert.equal(pretrain?.state, 'to run');
    assert.equal(Math.floor((pretrain.steps?.done ?? 0) / 4), done);
    assert.equal(pretrain.steps?.total, 1600);
    assert.equal((await plan(pipeline, '--fresh')).runs[0]?.phases[0]?.steps?.done, 0);
    const refused = await ssql(folder, ['run', pipeline, '--dry-run']);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /^RUN_UNFINISHED /);
  });

  it('runs lists what it can read, and says what it cannot', async () => {
    const [first, second] = await list('runs/small');
    for (const name of ['finished.json', 'pipeline.yaml']) {
      const damaged = join(folder, second!.folder, name);
      const intact = readFileSync(damaged);
      writeFileSync(damaged, '{');
      try {
        const { status, stdout, stderr } = await ssql(folder, ['runs', 'runs/small', '--json']);
        assert.equal(status, 2);
        assert.deepEqual(JSON.parse(stdout), [first]);
        assert.match(stderr, new RegExp(`^RUN_CORRUPT [^\\n]*${name}`));
      } finally {
        writeFileSync(damaged, intact);
      }
    }
  });

  it('diff shows differences of pipelines, machines and results', async () => {
    const [a, b] = await list('runs/small');
    assert.ok(a && b);
    const manifest = join(folder, b.folder, 'manifest.json');
    const before = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, JSON.stringify({ ...(JSON.parse(before) as object), node: '1.2.3', sha256: undefined }));
    try {
      const { status, stdout } = await ssql(folder, ['diff', a.folder, b.folder, '--json']);
      assert.equal(status, 0);
      const comparison = JSON.parse(stdout) as {
        pipeline: { path: string; a?: unknown; b?: unknown }[];
        manifest: { path: string; a?: unknown; b?: unknown }[];
        evaluations: (Evaluation & { values: { a: number; b: number }; differences: { b: number } })[];
      };
      assert.deepEqual(comparison.pipeline[0], { path: 'quantization.wrap.use', a: 'none', b: 'ssql' });
      assert.ok(comparison.pipeline.every(({ path }) => path.startsWith('quantization.wrap')));
      assert.deepEqual(comparison.manifest, [{ path: 'node', a: process.versions.node, b: '1.2.3' }]);
      assert.deepEqual(
        comparison.evaluations.map(({ precision, values, differences }) => [
          precision,
          values.a,
          values.b,
          differences.b,
        ]),
        a.evaluations.map(({ precision, value }, index) => {
          const other = b.evaluations[index]!.value;
          return [precision, value, other, other - value];
        }),
      );
    } finally {
      writeFileSync(manifest, before);
    }
    const { stdout } = await ssql(folder, ['diff', `small/${a.id}`, b.id.slice(-8)]);
    assert.match(
      stdout,
      /^a: runs\/small\/simsiam-.*\nb: runs\/small\/ssql-simsiam-.*\n\nPipeline:\n {2}quantization\.wrap\.use: none -> ssql\n/,
    );
    assert.match(stdout, /\nOne pair of runs: no interval\.\n$/);
    assert.match(stdout, /\nEnvironment: no differences\.\n\nstage +classifier +metric +precision +a +b +b - a\n/);
    const three = await ssql(folder, ['diff', a.id, b.id, a.id]);
    assert.match(three.stdout, /^a: [^\n]*\nb: [^\n]*\nc: runs\/small\/simsiam-/);
    assert.match(three.stdout, /quantization\.wrap\.use: none -> ssql -> none\n/);
    assert.match(three.stdout, /\nstage +classifier +metric +precision +a +b +c +b - a +c - a\n[^]* \+?0\.0\n/);
    assert.match(three.stdout, /\nOne run each: no intervals\.\n$/);
    const same = await ssql(folder, ['diff', a.id, a.id]);
    assert.match(same.stdout, /Pipeline: no differences\.\n/);
  });

  it('report joins runs by names and folders', async () => {
    const { status, stdout, stderr } = await ssql(folder, ['report', 'small', 'runs/small', '--out', 'joined.html']);
    assert.equal(status, 0, stderr);
    const runs = await list('runs/small');
    assert.equal(stdout, `Runs: ${runs.length}\nReport: joined.html\n`);
    const page = readFileSync(join(folder, 'joined.html'), 'utf8');
    for (const { label } of runs) assert.ok(page.includes(label), label);
    // Costs that runs recorded.
    assert.match(page, /<h3>[^<]* by bit operations<\/h3>/);
    const again = await ssql(folder, ['report', 'small', '--out', 'joined.html']);
    assert.equal(again.status, 0, again.stderr);
    const weights = join(runs[0]!.folder, 'weights.safetensors');
    const before = readFileSync(join(folder, weights));
    for (const out of [weights, 'runs']) {
      const refused = await ssql(folder, ['report', 'small', '--out', out]);
      assert.equal(refused.status, 2);
      assert.match(refused.stderr, /^WOULD_REPLACE /);
    }
    assert.ok(readFileSync(join(folder, weights)).equals(before));
    const missing = await ssql(folder, ['report', 'nothing']);
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /^RUN_NOT_FOUND /);
  });

  it('report a missing run, and list the known ones', async () => {
    const [a] = await list('runs/small');
    mkdirSync(join(folder, 'other', 'small'), { recursive: true });
    for (const [args, says] of [
      [
        ['diff', a?.id ?? '', `${a?.id.slice(0, -1)}x`],
        /^RUN_NOT_FOUND [^]*Did you mean|^RUN_NOT_FOUND [^]*Runs: small\//,
      ],
      [['diff', folder, folder], /^RUN_NOT_FOUND /],
      [['runs', 'nowhere'], /^RUNS_MISSING [^]*nowhere/],
    ] as const) {
      const { status, stderr } = await ssql(folder, args);
      assert.equal(status, 2);
      assert.match(stderr, says);
    }
    const { stdout } = await ssql(folder, ['runs', 'other']);
    assert.equal(stdout, 'No runs in other.\n');
    for (const pipeline of ['one', 'two'])
      await ssql(folder, [
        'run',
        file,
        '--runs',
        'twice',
        '--set',
        `name=${pipeline}`,
        '--set',
        'stages=[]',
        '--set',
        'train.epochs=1',
      ]);
    const [id = ''] = readdirSync(join(folder, 'twice', 'one'));
    rmSync(join(folder, 'twice', 'two'), { recursive: true });
    mkdirSync(join(folder, 'twice', 'two', id), { recursive: true });
    for (const name of ['pipeline.yaml', 'manifest.json'])
      writeFileSync(join(folder, 'twice', 'two', id, name), readFileSync(join(folder, 'twice', 'one', id, name)));
    const { status, stderr } = await ssql(folder, ['diff', id, id, '--runs', 'twice']);
    assert.equal(status, 2);
    assert.match(stderr, /^RUN_AMBIGUOUS [^]*one\/.*two\//);
  });

  it('run --dry-run prints the plan, and writes nothing', async () => {
    const { runs } = await plan(file, '--runs', 'planned');
    assert.ok(!existsSync(join(folder, 'planned')));
    assert.deepEqual(
      runs.map(({ label, phases }) => [label, phases.map(({ name, state }) => `${name} ${state}`)]),
      [
        ['SimSiam', ['pretrain to run', 'linear-probe to run', 'knn to run']],
        ['SSQL-SimSiam', ['pretrain to run', 'linear-probe to run', 'knn to run']],
      ],
    );
    assert.deepEqual(runs[0]?.phases[0]?.steps, { done: 0, total: 12 });
    const stages = [...(SMALL['stages'] as object[]), { use: 'knn', with: { precisions: ['w2a2'], k: 3 } }];
    const more = writePipeline(
      folder,
      { ...SMALL, stages, matrix: { 'quantization.wrap': ['none', 'ssql'] } },
      'more.yaml',
    );
    const before = readFileSync(join(folder, (await list())[0]?.folder ?? '', 'finished.json'), 'utf8');
    assert.deepEqual(
      (await plan(more)).runs[0]?.phases.map(({ name, state }) => `${name} ${state}`),
      ['pretrain finished', 'linear-probe finished', 'knn finished', 'knn 2 to run'],
    );
    assert.equal(readFileSync(join(folder, (await list())[0]?.folder ?? '', 'finished.json'), 'utf8'), before);
    const { stdout } = await ssql(folder, ['run', file, '--dry-run']);
    assert.match(stdout, /^SimSiam: runs\/small\/simsiam-[0-9a-f]{8}\n.*\n {4}pretrain +finished +12 steps\n/);
    assert.match(stdout, /\nNothing was run or written\.\n$/);
  });

  it('run --dry-run reports the errors that run reports before its first step', async () => {
    for (const [change, says] of [
      [{ quantization: { pins: { 'layer9.*': { weights: 8 } } } }, /^PIN_UNMATCHED /],
      [{ data: { use: 'cifar10', with: { root: 'nowhere' } } }, /^DATA_MISSING /],
      [{ train: { epochs: 1, batch: 201 } }, /^BATCH_TOO_LARGE /],
    ] as const) {
      const broken = writePipeline(folder, { ...SMALL, ...change }, 'broken.yaml');
      const { status, stdout, stderr } = await ssql(folder, ['run', broken, '--dry-run']);
      assert.equal(status, 2);
      assert.match(stderr, says);
      assert.equal(stdout, '');
    }
  });
});
