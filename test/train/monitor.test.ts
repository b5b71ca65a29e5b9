import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Evaluation, type MonitorMetrics } from '@ssql/core';
import { findLibrary, readRun } from '@ssql/core/run';
import { decodeSafetensors } from '../../packages/core/src/artifact/safetensors.js';
import { SMALL, ssql, writePipeline, type Ended } from '../cli/small-run.js';
import { readEvents } from '../plugins/read-events.js';

/** A few noise images; a stage that counts the engine's tensors, waits for a set time, or fails. */
const PLUGINS = `import { setTimeout } from 'node:timers/promises';
const noOptions = { type: 'object', additionalProperties: false, properties: {} };
const split = (size, factor) => {
  const images = Uint8Array.from({ length: size * 64 }, (_, i) => (i * i * factor) % 251);
  return {
    size,
    labels: Uint8Array.from({ length: size }, (_, i) => i % 2),
    read: async (indexes) => Uint8Array.from([...indexes].flatMap((i) => [...images.subarray(i * 64, (i + 1) * 64)])),
  };
};
export const plugins = [
  { kind: 'data', name: 'noise', summary: 'Noise.', options: noOptions,
    create: () => ({ name: 'noise', classes: ['a', 'b'], shape: [8, 8, 1], train: split(16, 7), test: split(8, 13), fingerprint: '1' }) },
  { kind: 'stage', name: 'memory', summary: 'Counts tensors.', options: noOptions,
    create: () => ({ scope: 'run', run: async ({ engine, record }) => {
      const { tensors, handles } = engine.memory();
      for (const [metric, value] of Object.entries({ tensors, handles }))
        await record([{ stage: 'memory', precision: 'float', classifier: 'float', metric, value }]);
    } }) },
  { kind: 'stage', name: 'wait', summary: 'Waits.',
    options: { ...noOptions, properties: { turns: { type: 'integer', default: 1000, description: 'Of 10 ms.' } } },
    create: ({ turns }) => ({ scope: 'run', run: async ({ progress }) => {
      for (let turn = 0; turn < turns; turn++) await setTimeout(10).then(() => progress('waiting', turn, turns));
    } }) },
  { kind: 'stage', name: 'fail', summary: 'Fails.', options: noOptions,
    create: () => ({ scope: 'run', run: async () => { throw new TypeError('out of luck'); } }) },
];`;

const decomposition = { use: 'decomposition', with: { precisions: ['w4a4', 'w2a4'], batches: 3 } };
const knn = (classifier: string) => ({ use: 'knn', with: { precisions: ['w4a4'], k: 3, classifier } });

/** Four steps, one per epoch, on tiny images. */
const MICRO: typeof SMALL = {
  ...SMALL,
  plugins: ['./plugins.mjs'],
  data: 'noise',
  augment: ['horizontal-flip', { use: 'normalize', with: { mean: [0.5], std: [0.3] } }],
  evaluation: { calibration: { samples: 16, batch: 8 } },
  train: { epochs: 4, batch: 16, checkpointEvery: 4 },
  loggers: ['tensorboard', 'csv'],
  stages: [],
};

const ENGINES = { tensorflow: { use: 'tensorflow', threads: { intraOp: 1, interOp: 1 } }, wasm: { use: 'wasm' } };

for (const engine of ['tensorflow', 'wasm'] as const) {
  describe(`a monitor (${engine})`, function () {
    this.timeout(120_000);
    let folder: string;
    before(function () {
      if (engine === 'tensorflow' && findLibrary() === undefined) {
        this.test!.title += ' (libtensorflow is not installed here: run `ssql engine install`)';
        this.skip();
      }
    });
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'ssql-monitor-'));
      writeFileSync(join(folder, 'plugins.mjs'), PLUGINS);
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const run = (
      change: object,
      runs: string,
      args: string[] = [],
      watch?: Parameters<typeof ssql>[2],
    ): Promise<Ended> => {
      const pipeline = { ...MICRO, engine: ENGINES[engine], ...change };
      return ssql(folder, ['run', writePipeline(folder, pipeline), '--runs', runs, ...args], watch);
    };
    const only = (runs: string): string => {
      const [name = '', ...more] = readdirSync(join(folder, runs, 'small'));
      assert.deepEqual(more, []);
      return join(folder, runs, 'small', name);
    };
    const monitored = async (runs: string): Promise<readonly MonitorMetrics[]> => (await readRun(only(runs))).monitored;
    const sameBytes = (a: string, b: string): void => {
      // A checkpoint also has the checksum of the metrics, which hold the monitor's.
      const stored = (runs: string, name: string): object => {
        const { metadata, tensors } = decodeSafetensors(readFileSync(join(only(runs), name)));
        return { tensors, epoch: metadata['epoch'], step: metadata['step'] };
      };
      for (const name of ['weights.safetensors', join('checkpoints', 'last.safetensors')])
        assert.deepEqual(stored(a, name), stored(b, name), name);
    };

    it('records results every few epochs and at the last, and does not change training', async () => {
      const monitor = { every: 3, stages: [decomposition, knn('matched'), knn('float')] };
      const watched = await run({ monitor, stages: [decomposition, knn('matched')] }, 'watched');
      assert.equal(watched.status, 0, watched.stderr);
      assert.match(
        watched.stderr,
        /^SSQL-SimSiam, after 3 epochs\n {4}decomposition float quantization term: {2}w4a4 /m,
      );
      assert.match(watched.stderr, /^ {4}knn matched: {2}w4a4 \d/m);
      assert.equal((await run({}, 'plain')).status, 0);
      assert.equal(only('watched').replace('watched', 'plain'), only('plain'));
      sameBytes('watched', 'plain');

      const lines = await monitored('watched');
      assert.deepEqual(
        lines.map(({ step, epochs }) => [step, epochs]),
        [
          [3, 3],
          [4, 4],
        ],
      );
      const { evaluations, metrics, timings } = await readRun(only('watched'));
      const last: readonly Evaluation[] = lines[1]!.evaluations;
      assert.deepEqual(last.slice(0, 7), evaluations, 'as the same stages find it after training');
      assert.equal(last.length, 2 * 3 + 2);
      assert.notDeepEqual(lines[0]!.evaluations.slice(0, 6), last.slice(0, 6));
      assert.equal(metrics.length, 4);
      assert.ok(timings['monitor']! > 0 && timings['pretrain']! > 0);

      const [events = ''] = readdirSync(only('watched')).filter((name) => name.includes('tfevents'));
      const scalars = readEvents(join(only('watched'), events)).filter((event) =>
        Object.keys(event.scalars).some((tag) => tag.startsWith('monitor/')),
      );
      const [{ value: cross }] = last.filter(({ metric }) => metric === 'cross term') as [Evaluation];
      assert.deepEqual(
        scalars.map(({ step }) => step),
        [3, 4],
      );
      assert.equal(scalars[1]!.scalars['monitor/decomposition/w4a4/cross term'], Math.fround(cross));
      assert.ok('monitor/knn/w4a4/accuracy/float' in scalars[1]!.scalars);
      const table = readFileSync(join(only('watched'), 'metrics.monitor.csv'), 'utf8').split('\n');
      assert.equal(table[0], 'step,epochs,stage,precision,classifier,metric,value');
      assert.ok(table.includes(`4,4,decomposition,w4a4,float,cross term,${cross}`));
      assert.equal(table.length, 1 + 2 * last.length + 1);
    });

    it('leaks no tensors', async () => {
      const { status, stderr } = await run({ monitor: { stages: ['memory', decomposition, knn('matched')] } }, 'runs');
      assert.equal(status, 0, stderr);
      const counts = (await monitored('runs')).map(({ evaluations }) =>
        evaluations.filter(({ stage }) => stage === 'memory').map(({ value }) => value),
      );
      assert.equal(counts.length, 4);
      // Tensors of compiled steps exist from the second time on.
      assert.deepEqual(counts[3], counts[1]);
      assert.deepEqual(counts[2], counts[1]);
      assert.deepEqual(counts[1]![0], counts[0]![0], 'tensors that tfjs knows');
    });

    it('stops the run if a stage fails, saves its step, and continues with another stage', async () => {
      const failed = await run({ monitor: { every: 2, stages: [decomposition, 'fail'] } }, 'parts');
      assert.equal(failed.status, 2);
      assert.match(
        failed.stderr,
        /^PLUGIN_BROKEN \.\/plugins\.mjs: the stage `fail` failed in `run`: out of luck\.\n {2}at [^\n]*pipeline\.yaml:\d+:\d+\n[^]* - fail\n/m,
      );
      assert.match(failed.stderr, /The training is saved\. Fix the stage, or remove it from `monitor`\./);
      assert.deepEqual(await monitored('parts'), []);
      const monitor = { every: 2, stages: [decomposition] };
      const resumed = await run({ monitor }, 'parts', ['--resume']);
      assert.equal(resumed.status, 0, resumed.stderr);
      const whole = await run({ monitor }, 'whole');
      assert.equal(whole.status, 0, whole.stderr);
      assert.deepEqual(await monitored('parts'), await monitored('whole'));
      assert.equal((await monitored('whole')).length, 2);
      sameBytes('parts', 'whole');
      const again = await run({ monitor: { stages: ['memory'] } }, 'whole');
      assert.equal(again.status, 0, 'a finished run is fine with another monitor');
      assert.match(again.stderr, /^SSQL-SimSiam {2}[^\n]* {2}finished before\n$/);
    });

    it('continues after an interruption with missing results, without duplicates', async () => {
      const waiting = { monitor: { stages: [decomposition, { use: 'wait', with: { turns: 50 } }] } };
      const stopped = await run(waiting, 'parts', [], (stderr, interrupt) => {
        if (stderr.includes('after 1 epoch\n')) interrupt();
      });
      assert.equal(stopped.status, 130, stopped.stderr);
      const [first, ...more] = await monitored('parts');
      assert.deepEqual([first?.epochs, more], [1, []]);
      const resumed = await run({ monitor: { stages: [decomposition] } }, 'parts', ['--resume']);
      assert.equal(resumed.status, 0, resumed.stderr);
      const whole = await run({ monitor: { stages: [decomposition] } }, 'whole');
      assert.equal(whole.status, 0, whole.stderr);
      assert.deepEqual(await monitored('parts'), await monitored('whole'));
      assert.equal((await monitored('whole')).length, 4);
      sameBytes('parts', 'whole');
    });

    it('refuses stages that measure all runs', async () => {
      const { status, stderr } = await run({ monitor: { stages: [decomposition, 'report'] } }, 'runs');
      assert.equal(status, 2);
      assert.match(
        stderr,
        /^MONITOR_INVALID The stage `report` processes all runs;[^\n]*\n {2}at [^\n]*yaml:\d+:\d+\n/,
      );
      assert.doesNotMatch(stderr, /pretrain/);
    });
  });
}
