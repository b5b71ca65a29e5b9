import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PipelineErrors, formatError, loadPipeline } from '@ssql/core/run';
import { KINDS } from '../../packages/core/src/kinds/kinds.js';
import { TEMPLATES } from '../../packages/create-ssql/src/template.js';

const FOLDER = 'packages/create-ssql/templates';
const kinds = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'src')));

// Their tests, as they are published.
for (const kind of kinds) await import(`../../${FOLDER}/${kind}/test/index.test.ts`);

describe('templates', () => {
  it('exist for every kind of plugin', () => {
    const expected = KINDS.map(({ kind }) => kind);
    assert.deepEqual(kinds.toSorted(), expected.toSorted());
    for (const kind of expected) assert.ok(kind in TEMPLATES, kind);
  });

  for (const kind of kinds)
    it(`have a valid pipeline that uses the ${kind}`, async () => {
      const folder = join(FOLDER, kind);
      const set = [`plugins=[${resolve(folder, 'src/index.ts')}]`];
      const { cells } = await loadPipeline(join(folder, 'pipeline.yaml'), { set }).catch((error: unknown) => {
        throw error instanceof PipelineErrors
          ? new Error(error.errors.map((each) => formatError(each)).join('\n'))
          : error;
      });
      assert.equal(cells.length, 2);
      assert.match(cells.at(-1)!.yaml, /(use|wrap): template-name/);
      assert.match(readFileSync(join(folder, 'src/index.ts'), 'utf8'), /export const plugins = /);
    });
});
