import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SMALL, writePipeline } from '../cli/small-run.js';
import { blocksOf } from './blocks-of.js';

const run = promisify(execFile);

describe('programs that run pipelines', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-program-'));
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const node = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, args, { cwd: folder })).stdout;

  it('that of README prints steps, runs and results', async () => {
    const [block, ...others] = blocksOf('From a program');
    assert.deepEqual([block?.file, others], ['run.mjs', []]);
    writeFileSync(join(folder, 'run.mjs'), block!.text);
    writePipeline(folder, { ...SMALL, matrix: { 'quantization.wrap': ['none', 'ssql'] } });
    const lines = (await node('run.mjs')).split('\n');
    assert.equal(lines.filter((line) => /^\d\/8 -?\d/.test(line)).length, 2 * 8);
    assert.ok(lines.some((line) => /^SSQL-SimSiam took \d+\.\d+ seconds$/.test(line)));
    assert.equal(lines.filter((line) => /^(SSQL-)?SimSiam (float|w2a4|w4a4) accuracy \d/.test(line)).length, 2 * 3);
  });

  it('examples/train-embed-plot trains, embeds and plots', async () => {
    cpSync('examples/train-embed-plot', join(folder, 'example'), { recursive: true });
    const printed = await node('example/train-embed-plot.mjs', '1');
    assert.match(
      printed,
      /^SimSiam: loss -?\d.*\nSSQL-SimSiam: loss -?\d.*\nEmbeddings of 2000 points: runs\/embedded\//,
    );
    const drawn = readFileSync(join(folder, 'runs/embedded/embeddings.svg'), 'utf8');
    for (const text of ['SSQL-SimSiam', 'float', 'w2a4']) assert.ok(drawn.includes(`>${text}<`), text);
    assert.ok(drawn.split('aria-roledescription="point"').length > 2000, 'each point is drawn');
    assert.ok(!existsSync(join(folder, 'runs/embedded/report.html')));
  });
});
