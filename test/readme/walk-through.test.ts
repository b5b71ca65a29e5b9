import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install, pack } from '../packed/packed.js';
import { blocksOf } from './blocks-of.js';
import { shell } from './shell.js';

describe('the walk-through of README', function () {
  this.timeout(600_000);
  let folder: string;
  let tarballs: readonly string[];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-readme-'));
    tarballs = await pack(folder, 'packages/core', 'packages/plugins');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('runs, block by block, as it stands', async () => {
    const blocks = blocksOf('Your first quantizer in ten minutes');
    assert.deepEqual(
      blocks.map(({ language, file }) => file ?? language),
      ['sh', 'power-of-two.mjs', 'power-of-two.test.mjs', 'sh', 'sh', 'sh'],
    );
    let here = folder;
    const outputs: string[] = [];
    for (const { file, text } of blocks) {
      if (file !== undefined) writeFileSync(join(here, file), text);
      else
        for (const line of text.trimEnd().split('\n')) {
          // The packages as they are here, not as the registry has them.
          if (line === 'npm install @ssql/core @ssql/plugins') await install(here, ...tarballs);
          else outputs.push(await shell(here, line));
          const entered = /&& cd (\S+)/.exec(line)?.[1];
          if (entered !== undefined) here = join(here, entered);
        }
    }
    const [, init, test, trained, explained, shown] = outputs;
    assert.match(init!, /Next: ssql run pipeline\.yaml/);
    assert.match(test!, /^# fail 0$/m);
    assert.ok(Number(/^# pass (\d+)$/m.exec(test!)?.[1]) > 20, test);
    assert.match(trained!, /linear-probe .*SSQL-SimSiam/);
    assert.match(explained!, /quantization\.weights\.quantizer +power-of-two\n +quantizer of \.\/power-of-two\.mjs/);
    assert.match(shown!, /^quantizer power-of-two\n[^]*granularity +"tensor" \| "channel"/);
    assert.ok(readFileSync(join(here, 'schemas/pipeline.schema.json'), 'utf8').includes('dequantizes by a shift'));
  });
});
