import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pluginFile } from '../../packages/core/src/artifact/plugin-file.js';
import { csv } from '../../packages/plugins/src/logger/csv.js';
import { report } from '../../packages/plugins/src/stage/report.js';

describe('a file of a plugin', () => {
  for (const name of ['report.html', 'metrics.csv', 'events.out.tfevents.1000.ssql', '..page.html', 'ä b.json'])
    it(`may be ${name}`, () => assert.equal(pluginFile('run', name), join('run', name)));

  const elsewhere = ['', '.', '..', '../a', '/a', 'a/b', 'a/../b', '..\\a', 'C:a', 'a\0', 'a'.repeat(300)];
  it('has a name that is checked with the pipeline, where its option is written', () => {
    const invalid = { code: 'FILE_NAME_INVALID', message: /is too long: it has \d+ bytes/ };
    for (const { check } of [report, csv]) {
      for (const file of [`${'a'.repeat(300)}.csv`, `${'ä'.repeat(114)}.csv`])
        assert.throws(
          () => check?.({ file } as never, {} as never),
          (error: Error & { details: object }) => {
            assert.deepEqual(
              [error.message.includes('too long'), error.details],
              [true, { ...error.details, option: 'file' }],
            );
            return invalid.message.test(error.message);
          },
        );
      check?.({ file: 'a.csv' } as never, {} as never);
    }
    // The second table has a longer name.
    assert.throws(() => csv.check?.({ file: `${'a'.repeat(220)}.csv` }, {} as never), invalid);
  });

  const taken = ['pipeline.yaml', 'weights.safetensors', 'Weights.SAFETENSORS', 'checkpoints', 'lock', 'a.1.tmp'];
  for (const name of [...elsewhere, ...taken])
    it(`may not be ${JSON.stringify(name.slice(0, 30))}`, () =>
      assert.throws(() => pluginFile('run', name), { code: 'FILE_NAME_INVALID' }));
});
