import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evaluation, Logger, StepMetrics } from '@ssql/core';
import { fieldsOf } from '../../packages/core/src/artifact/protobuf.js';
import { mlflow } from '../../packages/plugins/src/logger/mlflow.js';
import { wandb } from '../../packages/plugins/src/logger/wandb.js';
import { recordsOf } from '../../packages/plugins/src/logger/log-records.js';
import { logSession, stepMetrics as metrics } from './log-session.js';
import { make } from './make-plugin.js';

const evaluation: Evaluation = {
  stage: 'knn',
  precision: 'w4a4@gaussian',
  classifier: 'matched',
  metric: 'accuracy',
  value: 87.5,
};

/** Files of W&B and MLflow are read by their own Python packages: of the Python that LOGGER_PYTHON names, or the system's. */
describe('loggers whose readers are in Python', function () {
  this.timeout(60_000);
  const python = process.env['LOGGER_PYTHON'] ?? 'python3';
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-logger-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const session = async (
    logger: Logger,
    step: number,
    steps: readonly StepMetrics[],
    monitored: readonly number[] = [],
    name = 'small/run-1',
    last = steps.at(-1)!.step,
  ): Promise<void> => {
    const file = (file: string): string => join(folder, file);
    const measured = steps.flatMap((each) => [
      each,
      ...(monitored.includes(each.step) ? [{ step: each.step, epochs: 1, evaluations: [evaluation] }] : []),
    ]);
    await logSession(logger, { file, name, step, steps: last, now: () => 1.7e12 }, measured, evaluation);
  };
  /** What a program in Python prints, read as JSON, or undefined if a module is missing. */
  const read = (module: string, program: string, ...args: string[]): unknown => {
    const importable = `import importlib.util, sys; sys.exit(0 if importlib.util.find_spec('${module}') else 3)`;
    try {
      execFileSync(python, ['-c', importable], { stdio: 'ignore' });
    } catch {
      return undefined;
    }
    const env = { ...process.env, MLFLOW_ALLOW_FILE_STORE: 'true', MLFLOW_DISABLE_TELEMETRY: 'true' };
    return JSON.parse(execFileSync(python, ['-c', program, ...args], { env, encoding: 'utf8' }));
  };

  describe('wandb', () => {
    const file = (): string => join(folder, 'run-small-run-1.wandb');
    const rows = (): string[] =>
      recordsOf(readFileSync(file()))
        .map(String)
        .filter((record) => record.includes('_step'));

    it('begins with the header of W&B and the checksum of its first record', async () => {
      await session(await make(wandb), 0, [metrics(1)]);
      // As wandb 0.31 writes them: `:W&B`, 0xbee1, version 0; the checksum is that of zlib.
      assert.deepEqual([...readFileSync(file()).subarray(0, 7)], [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0]);
      assert.equal(recordsOf(readFileSync(file())).length, 5);
    });

    it('goes on after the saved step, also behind a record that was cut off', async () => {
      const logger = await make(wandb);
      await session(logger, 0, [metrics(1), metrics(2), metrics(3)]);
      truncateSync(file(), statSync(file()).size - 3);
      await session(logger, 2, [metrics(3, 7)]);
      assert.deepEqual(
        rows().map((row) => /loss[^\d]*([\d.]+)/.exec(row)?.[1]),
        ['0.5', '1', '7'],
      );
      const numbers = recordsOf(readFileSync(file())).map((record) => fieldsOf(record)[0]);
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => [1, index + 1]),
      );
      await session(logger, 0, [metrics(1)]);
      assert.equal(rows().length, 1);
    });

    it('ends with the exit status 0 only if training reached its last step', async () => {
      const status = (): unknown => {
        const record = fieldsOf(recordsOf(readFileSync(file())).at(-1)!);
        return fieldsOf(record.find(([field]) => field === 18)![1] as Buffer)[0]![1];
      };
      await session(await make(wandb), 0, [metrics(1), metrics(2)], [], 'small/run-1', 3);
      assert.equal(status(), 255);
      await session(await make(wandb), 2, [metrics(3)]);
      assert.equal(status(), 0);
    });

    it('is read by wandb, over the ends of blocks', async function () {
      const steps = Array.from({ length: 300 }, (_, index) => metrics(index + 1, NaN, 'x'.repeat(index + 1)));
      await session(await make(wandb), 0, steps, [300]);
      const result = read(
        'wandb',
        `
import json, struct, sys, zlib
from wandb.proto.wandb_internal_pb2 import Record
data, at, part, kinds, last, long = open(sys.argv[1], 'rb').read(), 7, b'', [], {}, 0
while at < len(data):
    if 32768 - at % 32768 < 7:
        at += 32768 - at % 32768
        continue
    checksum, length, kind = struct.unpack('<IHB', data[at:at + 7])
    part += data[at + 7:at + 7 + length]
    assert checksum == zlib.crc32(bytes([kind]) + data[at + 7:at + 7 + length])
    at += 7 + length
    long += kind == 2
    if kind in (2, 3): continue
    record, part = Record.FromString(part), b''
    kinds.append(record.WhichOneof('record_type'))
    assert record.num == len(kinds)
    if kinds[-1] == 'history': last = {i.nested_key[0]: i.value_json for i in record.history.item}; assert record.history.step.num == int(last['_step'])
    if kinds[-1] == 'run': run = [record.run.run_id, record.run.project, record.run.display_name, record.run.start_time.seconds]
    if kinds[-1] == 'summary': summary = {i.nested_key[0]: i.value_json for i in record.summary.update}
print(json.dumps([kinds[:2], kinds.count('history'), kinds[-2:], run, summary, [last[k] for k in ('_step', 'loss', 'learningRate', 'monitor/knn/w4a4@gaussian/accuracy')], long > 0]))`,
        file(),
      );
      if (!result) return this.skip();
      assert.deepEqual(result, [
        ['header', 'run'],
        300,
        ['history', 'exit'],
        ['small-run-1', 'small', 'run-1', 1.7e9],
        { 'knn/accuracy/matched/w4a4@gaussian': '87.5' },
        ['300', 'NaN', '0.25', '87.5'],
        true,
      ]);
    });
  });

  describe('mlflow', () => {
    const PROGRAM = `
import json, math, sys
from mlflow import MlflowClient
client = MlflowClient('file://' + sys.argv[1])
experiment = client.get_experiment_by_name('small')
runs = sorted(client.search_runs([experiment.experiment_id]), key=lambda run: run.info.run_name)
history = [[m.step, m.value] for m in client.get_metric_history(runs[0].info.run_id, 'loss')]
print(json.dumps([[run.info.run_name for run in runs], [run.info.status for run in runs], history, sorted(runs[0].data.metrics), runs[0].data.metrics['monitor/knn/w4a4_gaussian/accuracy']]))`;

    it('goes on after the saved step', async () => {
      const logger = await make(mlflow);
      await session(logger, 0, [metrics(1), metrics(2), metrics(3)]);
      await session(logger, 2, [metrics(3, 7)]);
      const id = runFolder(join(folder, 'mlruns'));
      assert.equal(
        readFileSync(join(id, 'metrics', 'loss'), 'utf8'),
        '1700000000000 0.5 1\n1700000000000 1 2\n1700000000000 7 3\n',
      );
      assert.ok(readFileSync(join(id, 'metrics', 'float_ clean'), 'utf8').endsWith(' 7 3\n'));
    });

    it('is finished only if training reached its last step', async () => {
      const status = (): string =>
        /^status: (.*)$/m.exec(readFileSync(join(runFolder(join(folder, 'mlruns')), 'meta.yaml'), 'utf8'))![1]!;
      await session(await make(mlflow), 0, [metrics(1), metrics(2)], [], 'small/run-1', 3);
      assert.equal(status(), '5');
      await session(await make(mlflow), 2, [metrics(3)]);
      assert.equal(status(), '3');
    });

    it('is read by mlflow, also where the stores of two runs are copied into one', async function () {
      await session(await make(mlflow), 0, [metrics(1), metrics(2)], [2]);
      cpSync(join(folder, 'mlruns'), join(folder, 'all'), { recursive: true });
      await session(await make(mlflow), 0, [metrics(1)], [], 'small/run-2', 2);
      cpSync(join(folder, 'mlruns'), join(folder, 'all'), { recursive: true });
      const result = read('mlflow', PROGRAM, join(folder, 'all'));
      if (!result) return this.skip();
      assert.deepEqual(result, [
        ['small/run-1', 'small/run-2'],
        ['FINISHED', 'KILLED'],
        [
          [1, 0.5],
          [2, 1],
        ],
        [
          'featureStd',
          'float_ clean',
          'imagesPerSecond',
          'knn/accuracy/matched/w4a4_gaussian',
          'learningRate',
          'loss',
          'monitor/knn/w4a4_gaussian/accuracy',
        ],
        87.5,
      ]);
    });
  });
});

/** The folder of the only run of a store. */
function runFolder(store: string): string {
  const [experiment = ''] = readdirSync(store);
  const entries = readdirSync(join(store, experiment)).filter((name) => name !== 'meta.yaml');
  return join(store, experiment, entries[0]!);
}
