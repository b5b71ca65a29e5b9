import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pluginFile } from '../../packages/core/src/artifact/plugin-file.js';

describe('a file of a plugin', () => {
  for (const name of ['report.html', 'metrics.csv', 'events.out.tfevents.1000.ssql', '..page.html', 'ä b.json'])
    it(`may be ${name}`, () => assert.equal(pluginFile('run', name), join('run', name)));

  const elsewhere = ['', '.', '..', '../a', '/a', 'a/b', 'a/../b', '..\\a', 'C:a', 'a\0', 'a'.repeat(300)];
  const taken = ['pipeline.yaml', 'weights.safetensors', 'Weights.SAFETENSORS', 'checkpoints', 'lock', 'a.1.tmp'];
  for (const name of [...elsewhere, ...taken])
    it(`may not be ${JSON.stringify(name.slice(0, 30))}`, () =>
      assert.throws(() => pluginFile('run', name), { code: 'FILE_NAME_INVALID' }));
});
