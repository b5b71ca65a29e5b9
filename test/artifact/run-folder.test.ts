import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admitRun, claimRuns, openRunFolder } from '../../packages/core/src/artifact/run-folder.js';
import { removeUnfinished } from '../../packages/core/src/artifact/write-atomic.js';
import { readRun } from '../../packages/core/src/run.js';
import {
  SsqlError,
  type BitAssignment,
  type Evaluation,
  type MonitorMetrics,
  type StepMetrics,
} from '../../packages/core/src/index.js';

const PIPELINE = 'name: small\nmethod: { use: simsiam }\ntrain: { epochs: 1 }\n';
const GO = { resume: false, fresh: false };
const metrics = (step: number, loss = 1): StepMetrics => ({
  step,
  epoch: 0,
  loss,
  learningRate: 0.1,
  parts: { ssl: loss },
  featureStd: 0.2,
  imagesPerSecond: 9,
});
const evaluation = (precision: string, value: number): Evaluation => ({
  stage: 'knn',
  precision,
  classifier: 'matched',
  metric: 'top1',
  value,
});
const monitored = (step: number): MonitorMetrics => ({
  step,
  epochs: step,
  evaluations: [evaluation('w4a4', NaN), evaluation('float', step)],
});
const ASSIGNMENT: BitAssignment = {
  budget: 'bops',
  uniform: { bops: 20, bytes: 4 },
  mixed: { bops: 18, bytes: 4 },
  sites: [{ operand: 'weights', site: 'conv1', bits: 3, sensitivity: { 3: 0.5, 4: 0.25 } }],
};
const hasCode =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof SsqlError && error.code === code;

describe('run folder', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-run-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('removes what a killed process left unfinished', async () => {
    const run = await openRunFolder(folder, GO);
    await run.saveCheckpoint({ epoch: 1, step: 1, tensors: [] });
    const left = ['timings.json.12.tmp', join('checkpoints', 'last.safetensors.3.tmp')].map((file) =>
      join(folder, file),
    );
    for (const file of left) writeFileSync(file, 'half');
    const mine = join(folder, 'notes.tmp');
    writeFileSync(mine, 'mine');
    await openRunFolder(folder, { resume: true, fresh: false });
    assert.deepEqual([...left, mine].filter(existsSync), [mine]);
  });

  it('keeps what another process may be writing, where no lock is held', async () => {
    const [old, fresh] = ['report.html.12.tmp', 'report.html.13.tmp'].map((name) => join(folder, name));
    for (const file of [old!, fresh!]) writeFileSync(file, 'half');
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(old!, hourAgo, hourAgo);
    await removeUnfinished(folder, 60);
    assert.deepEqual(
      [old, fresh].filter((file) => existsSync(file!)),
      [fresh],
    );
  });

  it('names what is in the place of its lock or of its checkpoints', async () => {
    mkdirSync(join(folder, 'lock'));
    writeFileSync(join(folder, 'checkpoints'), '');
    await assert.rejects(claimRuns([folder]), /^SsqlError: Cannot write .*lock: a folder is in its place\.$/);
    await assert.rejects(
      openRunFolder(folder, GO),
      /^SsqlError: Cannot write .*checkpoints: a file is where its folder/,
    );
  });

  it('goes on with a folder in the place of a file that repeats results, and says so', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writePipeline(PIPELINE);
    await run.writeManifest({});
    mkdirSync(join(folder, 'evaluation.json'));
    await run.recordEvaluations('knn', [evaluation('float', 0.5)]);
    const notes: string[] = [];
    const { evaluations } = await readRun(folder, (line) => void notes.push(line));
    assert.deepEqual(evaluations, [evaluation('float', 0.5)]);
    assert.match(notes.join(), /evaluation\.json does not hold .* unless a folder is in its place/);
  });

  it('refuses a run whose pipeline is not YAML, or is emptied or cut', async () => {
    const run = await openRunFolder(folder, GO);
    for (const text of ['a: b: c', 'x: *y', '', 'name: small\n', PIPELINE.replace('method', 'methods')]) {
      await run.writePipeline(text);
      await assert.rejects(readRun(folder), hasCode('RUN_CORRUPT'));
    }
  });

  it('reads back the run that was written', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writePipeline(PIPELINE);
    await run.writeManifest({ label: 'seed 1', cell: { seed: 1 } });
    run.appendMetrics(metrics(1, NaN));
    run.appendMetrics(monitored(1));
    await run.flushMetrics();
    await run.addTiming('pretrain', 0.5);
    await run.addTiming('pretrain', 1.5);
    await run.addTiming('knn', 1);
    await run.writeWeights([{ name: 'w', shape: [2], values: Float32Array.of(1, 2) }]);
    await run.recordEvaluations('gone', [evaluation('float', 0.2)]);
    await run.recordEvaluations('knn', [evaluation('float', 0.5)]);
    await run.recordEvaluations('knn', [evaluation('w4a4', 0.75)]);
    await run.recordEvaluations('knn 2', [{ ...evaluation('w4a4', 0.1), classifier: 'float' }]);
    await run.recordAssignment('mixed-w4a4', { ...ASSIGNMENT, sites: [] });
    await run.recordAssignment('mixed-w4a4', ASSIGNMENT);
    await run.markFinished('stage knn', 'f1');
    await run.markFinished('stage knn 2', 'f2');
    await run.arrangeStages({ knn: 'f1', 'knn 2': 'f2' });
    const record = await readRun(folder);
    assert.deepEqual(
      { ...record, manifest: {} },
      {
        folder,
        cell: { seed: 1 },
        label: 'seed 1',
        group: 'seed 1',
        quantized: true,
        pipeline: PIPELINE,
        manifest: {},
        metrics: [metrics(1, NaN)],
        monitored: [monitored(1)],
        evaluations: [
          evaluation('float', 0.5),
          evaluation('w4a4', 0.75),
          { ...evaluation('w4a4', 0.1), classifier: 'float' },
        ],
        costs: {},
        pictures: [],
        assignments: { 'mixed-w4a4': ASSIGNMENT },
        weights: [{ name: 'w', shape: [2], values: Float32Array.of(1, 2) }],
        timings: { pretrain: 2, knn: 1 },
      },
    );
  });

  it('drops metrics after the step from which it resumes, and a line that a crash truncated', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writeManifest({});
    await run.writePipeline(PIPELINE);
    [1, 2, 3].forEach((step) => {
      run.appendMetrics(metrics(step));
      run.appendMetrics(monitored(step));
    });
    await run.flushMetrics();
    appendFileSync(join(folder, 'metrics.ndjson'), '{"step":4,"lo');
    await run.truncateMetrics(2);
    run.appendMetrics(metrics(3, 7));
    await run.flushMetrics();
    const record = await readRun(folder);
    assert.deepEqual(record.metrics, [metrics(1), metrics(2), metrics(3, 7)]);
    assert.deepEqual(record.monitored, [monitored(1), monitored(2)]);
  });

  it('reads metrics that hold their speed, as older runs wrote them, and keeps them when it resumes', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writeManifest({});
    await run.writePipeline(PIPELINE);
    writeFileSync(join(folder, 'metrics.ndjson'), [1, 2].map((step) => `${JSON.stringify(metrics(step))}\n`).join(''));
    assert.deepEqual((await readRun(folder)).metrics, [metrics(1), metrics(2)]);
    await run.truncateMetrics(1);
    assert.deepEqual((await readRun(folder)).metrics, [metrics(1)]);
    assert.doesNotMatch(readFileSync(join(folder, 'metrics.ndjson'), 'utf8'), /imagesPerSecond/);
  });

  it('says that metrics before its checkpoint are missing', async () => {
    const notes: string[] = [];
    const run = await openRunFolder(folder, GO, (line) => void notes.push(line));
    [1, 3, 4].forEach((step) => run.appendMetrics(metrics(step)));
    run.appendMetrics(monitored(2));
    await run.flushMetrics();
    await run.truncateMetrics(1);
    assert.deepEqual(notes, []);
    await run.truncateMetrics(3);
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, /metrics\.ndjson lacks 2 of the 3 steps/);
  });

  it('returns its checkpoint, or the one before a damaged one, and names one without another', async () => {
    const notes: string[] = [];
    const run = await openRunFolder(folder, GO, (line) => void notes.push(line));
    assert.equal(await run.loadCheckpoint(), undefined);
    const checkpoint = {
      epoch: 2,
      step: 40,
      tensors: [{ name: 'w', shape: [2], dtype: 'F32', values: Float32Array.of(1, 2) }],
    } as const;
    const before = { ...checkpoint, epoch: 1 };
    await run.saveCheckpoint(before);
    await run.saveCheckpoint(checkpoint);
    assert.deepEqual(await run.loadCheckpoint(), checkpoint);
    assert.deepEqual(notes, []);
    const last = join(folder, 'checkpoints/last.safetensors');
    truncateSync(last, 90);
    assert.deepEqual(await run.loadCheckpoint(), before);
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, /last\.safetensors: .*\. The checkpoint before it is used, of step 40\.$/);
    rmSync(last); // a process was killed before it wrote the next
    assert.deepEqual(await run.loadCheckpoint(), before);
    await run.saveCheckpoint(checkpoint);
    assert.deepEqual(await run.loadCheckpoint(), checkpoint);
    truncateSync(last, 90);
    truncateSync(join(folder, 'checkpoints/previous.safetensors'), 90);
    await assert.rejects(
      run.loadCheckpoint(),
      (error) => hasCode('CHECKPOINT_CORRUPT')(error) && (error as Error).message.includes('last.safetensors'),
    );
  });

  it('numbers stages of the same name that measured the same', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writeManifest({});
    await run.writePipeline(PIPELINE);
    for (const stage of ['knn', 'knn 2', 'knn 3'])
      await run.recordEvaluations(stage, [evaluation('float', 0.5), evaluation('w4a4', 0.25)]);
    assert.deepEqual(
      (await readRun(folder)).evaluations.map(({ stage, precision }) => `${stage} ${precision}`),
      ['', ' 2', ' 3'].flatMap((number) => [
        `${evaluation('', 0).stage}${number} float`,
        `${evaluation('', 0).stage}${number} w4a4`,
      ]),
    );
  });

  it('admits a run that is new, finished, or resumed, of the same training', async () => {
    await admitRun(join(folder, 'new'), GO, 't1');
    assert.equal(existsSync(join(folder, 'new')), false);
    const run = await openRunFolder(folder, GO);
    await run.begin('t1');
    await admitRun(folder, GO, 't2'); // nothing is saved yet
    await run.markFinished('pretrain', 'f1');
    await assert.rejects(admitRun(folder, GO, 't1'), hasCode('RUN_UNFINISHED'));
    await admitRun(folder, { resume: true, fresh: false }, 't1');
    await assert.rejects(admitRun(folder, { resume: true, fresh: false }, 't2'), hasCode('RUN_OUTDATED'));
    await run.finishRun();
    await admitRun(folder, GO, 't1');
    await assert.rejects(admitRun(folder, GO, 't2'), hasCode('RUN_OUTDATED'));
    await admitRun(folder, { resume: false, fresh: true }, 't2');
  });

  it('refuses an unfinished run, and advises nothing that destroys it', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writePipeline(PIPELINE);
    await run.markFinished('pretrain', 'f1');
    await assert.rejects(
      openRunFolder(folder, GO),
      (error) =>
        hasCode('RUN_UNFINISHED')(error) &&
        /--resume.*another `--runs` folder/.test((error as SsqlError).details.hint ?? ''),
    );
    const resumed = await openRunFolder(folder, { resume: true, fresh: false });
    assert.deepEqual(await resumed.finishedPhases(), { pretrain: 'f1' });
    await resumed.finishRun();
    assert.deepEqual(await (await openRunFolder(folder, GO)).finishedPhases(), { pretrain: 'f1' });
  });

  it('starts again with fresh, or with resume if nothing was saved, and keeps files that are not its own', async () => {
    for (const how of [
      { resume: false, fresh: true },
      { resume: true, fresh: false },
    ]) {
      await (await openRunFolder(folder, { resume: false, fresh: true })).writePipeline(PIPELINE);
      writeFileSync(join(folder, 'notes.txt'), '');
      await openRunFolder(folder, how);
      assert.equal(existsSync(join(folder, 'pipeline.yaml')), false);
      assert.equal(existsSync(join(folder, 'notes.txt')), true);
    }
  });

  it('refuses weights of which nothing says what they are, and keeps them', async () => {
    const run = await openRunFolder(folder, GO);
    await run.begin('t1');
    await run.writeWeights([{ name: 'w', shape: [1], values: Float32Array.of(1) }]);
    rmSync(join(folder, 'finished.json'));
    const refused = (error: unknown): boolean =>
      hasCode('RUN_CORRUPT')(error) && /neither finished.json nor a checkpoint/.test((error as Error).message);
    for (const how of [GO, { resume: true, fresh: false }]) {
      await assert.rejects(openRunFolder(folder, how), refused);
      await assert.rejects(admitRun(folder, how, 't1'), refused);
    }
    assert.ok(existsSync(join(folder, 'weights.safetensors')));
    await openRunFolder(folder, { resume: false, fresh: true });
    assert.equal(existsSync(join(folder, 'weights.safetensors')), false);
  });

  it('refuses results of which finished.json is gone', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writePipeline(PIPELINE);
    await run.writeManifest({});
    await run.recordEvaluations('knn', [evaluation('float', 90)]);
    rmSync(join(folder, 'finished.json'));
    await assert.rejects(
      readRun(folder),
      (error) => hasCode('RUN_CORRUPT')(error) && /finished\.json is missing/.test((error as Error).message),
    );
  });

  it('has costs in finished.json, and says if costs.json has others', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writePipeline(PIPELINE);
    await run.writeManifest({});
    await run.writeCosts({ w4a4: { bops: 16, bytes: 2 } });
    await run.markFinished('pretrain', 'f1');
    const notes: string[] = [];
    for (const text of ['{}', undefined]) {
      if (text === undefined) rmSync(join(folder, 'costs.json'));
      else writeFileSync(join(folder, 'costs.json'), text);
      assert.deepEqual((await readRun(folder, (note) => notes.push(note))).costs, { w4a4: { bops: 16, bytes: 2 } });
    }
    assert.equal(notes.length, 1, 'a file that is missing is no other');
    assert.match(notes[0]!, /costs\.json does not hold/);
    await (await openRunFolder(folder, { resume: true, fresh: false })).arrangeStages({});
    assert.ok(readFileSync(join(folder, 'costs.json'), 'utf8').includes('16'));
  });

  it('notices damage in the key of a checksum', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writePipeline(PIPELINE);
    await run.writeManifest({ seed: 1 });
    const file = join(folder, 'manifest.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('sha256', 'sha276'));
    await assert.rejects(
      readRun(folder),
      (error) => hasCode('RUN_CORRUPT')(error) && /checksum/.test((error as Error).message),
    );
  });

  it('refuses weights and checkpoints of another training', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writePipeline(PIPELINE);
    await run.writeManifest({});
    await run.begin('t1');
    await run.saveCheckpoint({ epoch: 1, step: 1, tensors: [] });
    await run.writeWeights([{ name: 'w', shape: [1], values: Float32Array.of(1) }]);
    assert.equal((await run.loadCheckpoint())?.step, 1);
    assert.equal((await run.loadWeights()).length, 1);
    await run.begin('t2');
    for (const [read, file] of [
      [() => run.loadCheckpoint(), 'last.safetensors'],
      [() => run.loadWeights(), 'weights.safetensors'],
      [() => readRun(folder), 'weights.safetensors'],
    ] as const)
      await assert.rejects(
        read,
        (error) => hasCode('RUN_CORRUPT')(error) && (error as Error).message.includes(`${file} was written by another`),
      );
  });

  const broken: { readonly [file: string]: readonly string[] } = {
    'finished.json': [
      '',
      '[]',
      '{}',
      'null',
      '{"run":true,"phases":[],"evaluations":{}}',
      '{"run":1,"phases":{},"evaluations":{}}',
    ],
    'timings.json': ['[]', '{"pretrain":"2"}'],
    'bit-assignments.json': ['1', '{"mixed-w4a4":[]}'],
    'manifest.json': ['"a"', '[]', '{ "date": "2026-13-45" }'],
    'speed.ndjson': ['1\n', '{"step":1}\n'],
    'metrics.ndjson': ['nothing\n', '[]\n', '{"step":"1","loss":2}\n', '{"step":1}\n', '{"step":1,"evaluations":{}}\n'],
  };
  for (const [file, contents] of Object.entries(broken))
    it(`refuses ${file} of another shape, and names it`, async () => {
      const run = await openRunFolder(folder, GO);
      await run.writePipeline(PIPELINE);
      await run.writeManifest({});
      for (const content of contents) {
        writeFileSync(join(folder, file), content);
        const read = file === 'finished.json' ? openRunFolder(folder, GO) : readRun(folder);
        await assert.rejects(
          read,
          (error) => hasCode('RUN_CORRUPT')(error) && (error as Error).message.includes(file),
          content,
        );
      }
    });

  it('refuses files whose values were changed, and says how to keep an edit', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writePipeline(`${PIPELINE}seed: 1\n`);
    await run.writeManifest({ seed: 1 });
    await run.truncateMetrics(0);
    run.appendMetrics(metrics(1));
    await run.flushMetrics();
    await run.markFinished('pretrain', 'f1');
    await readRun(folder);
    const changes = [
      ['pipeline.yaml', 'seed: 1', 'seed: 2', /remove its first line/],
      ['manifest.json', '"seed": 1', '"seed": 2', /remove `sha256` from it/],
      ['finished.json', '"f1"', '"f2"', /remove `sha256` from it/],
      ['metrics.ndjson', '"loss":1', '"loss":2', /remove `metrics` and `sha256` from finished\.json/],
    ] as const;
    for (const [name, before, after, advice] of changes) {
      const file = join(folder, name);
      const intact = readFileSync(file, 'utf8');
      writeFileSync(file, intact.replace(before, after));
      await assert.rejects(
        readRun(folder),
        (error) =>
          hasCode('RUN_CORRUPT')(error) &&
          (error as Error).message.includes(name) &&
          advice.test((error as SsqlError).details.hint ?? ''),
        name,
      );
      writeFileSync(file, intact);
    }
  });

  it('takes results from finished.json, and writes files that differ again', async () => {
    const run = await openRunFolder(folder, GO);
    await run.writePipeline(PIPELINE);
    await run.writeManifest({});
    await run.recordEvaluations('knn', [evaluation('float', 0.5)]);
    await run.recordAssignment('mixed-w4a4', ASSIGNMENT);
    await run.markFinished('stage knn', 'f1');
    const files = ['evaluation.json', 'bit-assignments.json'].map((name) => join(folder, name));
    const intact = files.map((file) => readFileSync(file, 'utf8'));
    const whole = await readRun(folder);
    files.forEach((file, index) => writeFileSync(file, intact[index]!.replace('0.5', '0.75')));
    const notes: string[] = [];
    const onNote = (line: string): void => void notes.push(line);
    assert.deepEqual(await readRun(folder, onNote), whole);
    const resumed = await openRunFolder(folder, { resume: true, fresh: false }, onNote);
    await resumed.arrangeStages({ knn: 'f1' });
    assert.deepEqual(
      notes.map((note) => note.split(' ')[0]),
      [...files, ...files],
    );
    assert.deepEqual(
      files.map((file) => readFileSync(file, 'utf8')),
      intact,
    );
  });

  it('says that metrics before its checkpoint were changed', async () => {
    const notes: string[] = [];
    const run = await openRunFolder(folder, GO, (line) => void notes.push(line));
    await run.truncateMetrics(0);
    run.appendMetrics(metrics(1));
    await run.flushMetrics();
    await run.saveCheckpoint({ epoch: 1, step: 1, tensors: [] });
    run.appendMetrics(monitored(1));
    await run.flushMetrics();
    const { metrics: written } = (await run.loadCheckpoint())!;
    await run.truncateMetrics(1, written);
    assert.deepEqual(notes, []);
    const file = join(folder, 'metrics.ndjson');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"loss":1', '"loss":2'));
    await run.truncateMetrics(1, written);
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, /metrics\.ndjson is not what was written before the checkpoint/);
  });

  it('refuses a folder without a run', async () => {
    await assert.rejects(readRun(folder), hasCode('RUN_NOT_FOUND'));
  });
});
