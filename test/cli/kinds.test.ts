import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMALL, ssql, writePipeline } from './small-run.js';

/** A kind of a third party, and a schedule that uses it. */
const PACE = `export const plugins = [
  { kind: 'pace', name: 'steady', summary: 'One factor.',
    options: { type: 'object', additionalProperties: false, properties: {
      factor: { type: 'number', default: 1, description: 'Of the learning rate.' } } },
    create: ({ factor }) => () => factor },
  { kind: 'schedule', name: 'paced', summary: 'As the pace says.', needs: ['pace'],
    options: { type: 'object', additionalProperties: false, properties: {} },
    create: (_, { needs }) => ({ factor: () => needs.pace() }) },
];`;

describe('a kind that a third-party plugin adds', function () {
  this.timeout(120_000);
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-kinds-'));
    writeFileSync(join(folder, 'pace.mjs'), PACE);
    const change = { plugins: ['./pace.mjs'], schedule: 'paced', pace: 'steady', stages: [] };
    file = writePipeline(folder, { ...SMALL, ...change, train: { epochs: 1, batch: 50 } });
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is part of what identifies a run', async () => {
    const ids: string[] = [];
    for (const factor of ['1', '2', '1']) {
      const { status, stderr } = await ssql(folder, ['run', file, '--set', `pace.with.factor=${factor}`]);
      assert.equal(status, 0, stderr);
      ids.push(
        readdirSync(join(folder, 'runs', 'small'))
          .sort()
          .join(),
      );
    }
    assert.deepEqual(
      ids.map((names) => names.split(',').length),
      [1, 2, 2],
    );
  });

  it('is explained, listed, shown and known to editors', async () => {
    const { stdout } = await ssql(folder, ['explain', file]);
    assert.match(stdout, /^pace +steady\n {4}pace of \.\/pace\.mjs sha256:/m);
    assert.match(stdout, /^schedule +paced\n(?: {4}.*\n)* {4}needs the pace at pace\n/m);
    const listed = await ssql(folder, ['list', 'pace', '--plugin', './pace.mjs']);
    assert.match(listed.stdout, /^pace\n {2}steady +One factor\.\n$/);
    const shown = await ssql(folder, ['show', 'steady', '--plugin', './pace.mjs', '--markdown']);
    assert.match(shown.stdout, /```yaml\npace:\n {2}use: steady\n {2}with:\n {4}factor: 1\n```|pace: \{/);
    const { properties } = JSON.parse((await ssql(folder, ['schema', file])).stdout) as { properties: object };
    assert.match(JSON.stringify((properties as { pace: object }).pace), /steady.*Of the learning rate/);
  });
});
