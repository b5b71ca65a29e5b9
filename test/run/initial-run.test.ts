import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planPipeline, runPipeline, PipelineErrors, type SsqlError } from '@ssql/core/run';
import { SMALL } from '../cli/small-run.js';

const FIRST = {
  ...SMALL,
  name: 'first',
  data: { use: 'digits', with: { test: 9960 } },
  loggers: [],
  stages: [],
  train: { epochs: 1, batch: 20 },
};

describe('initial weights of a run', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-initial-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('are those of the run with that label', async () => {
    const matrix = { seed: [1, 2] };
    const { runs } = await runPipeline({ ...FIRST, matrix }, { folder });
    const initial = { run: 'first/seed 2' };
    const same = await runPipeline({ ...FIRST, name: 'next', initial, train: { epochs: 0, batch: 20 } }, { folder });
    const values = (index: number) => runs[index]!.weights.find(({ name }) => name === 'conv1.weight')!.values;
    const copied = same.runs[0]!.weights.find(({ name }) => name === 'conv1.weight')!.values;
    assert.deepEqual(copied, values(1));
    assert.notDeepEqual(copied, values(0));

    const refusal = async (wanted: object): Promise<SsqlError> => {
      const error = await planPipeline({ ...FIRST, initial: wanted }, { folder }).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof PipelineErrors, String(error));
      return error.errors[0]!;
    };
    const unknown = await refusal({ run: 'first/seed 3' });
    assert.equal(unknown.code, 'RUN_NOT_FOUND');
    assert.match(unknown.details.location?.frame ?? '', /run: first\/seed 3/);
    assert.equal((await refusal({ run: 'first' })).code, 'RUN_AMBIGUOUS');
    assert.equal((await refusal({ run: 'first', weights: 'file' })).code, 'OPTION_INVALID');
  });
});
