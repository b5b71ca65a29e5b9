import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { PipelineErrors } from '../../packages/core/src/errors.js';
import { formatError } from '../../packages/core/src/format-error.js';
import { loadPipeline } from '../../packages/core/src/pipeline/load.js';
import { importPlugins, type Discover } from '../../packages/core/src/plugin/discover.js';
import { createRegistry } from '../../packages/core/src/plugin/registry.js';
import { smallPackage } from './small-plugins.js';

const discover: Discover = async (references, folder) =>
  createRegistry([smallPackage, ...(await importPlugins(references, folder))]);

describe('broken pipelines', () => {
  for (const name of readdirSync('test/samples')) {
    it(name, async () => {
      const folder = `test/samples/${name}`;
      const error: unknown = await loadPipeline(`${folder}/pipeline.yaml`, { plugins: discover }).catch(
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof PipelineErrors, `expected errors, got ${String(error)}`);
      const text = `${formatError(error).replaceAll(process.cwd(), '<root>')}\n`;
      assert.equal(text, readFileSync(`${folder}/expected.txt`, 'utf8'));
    });
  }
});
