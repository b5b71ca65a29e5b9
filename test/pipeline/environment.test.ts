import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPipeline, type LoadedCell } from '../../packages/core/src/pipeline/load.js';
import { smallDiscover } from './small-plugins.js';

const VARIABLES = { TOKEN: 'hunter2', BITS: '[2, 4]', SEED: '7531', WIDTH: '2' };
const PIPELINE = `name: environment
seed: \${env:SEED}
data: digits
backbone: { use: resnet18, with: { stem: cifar } }
method: simsiam
optimizer: { use: sgd, with: { lr: 0.05 } }
train: { epochs: 2, batch: 32 }
quantization: { weights: { bits: "\${env:BITS}" }, activations: { bits: "\${quantization.weights.bits}" } }
labels: { simsiam: "from \${env:TOKEN}", ssql-simsiam: "\${labels.simsiam}" }
matrix: { quantization.wrap: [none, ssql] }
`;

describe('values of the environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ssql-environment-'));
  const load = async (text: string): Promise<readonly LoadedCell[]> => {
    writeFileSync(join(folder, 'pipeline.yaml'), text);
    return (await loadPipeline(join(folder, 'pipeline.yaml'), { plugins: smallDiscover, variables: VARIABLES })).cells;
  };
  after(() => rmSync(folder, { recursive: true }));

  it('are used, and written as their expressions', async () => {
    const cells = await load(PIPELINE);
    assert.equal(cells.length, 2);
    for (const { pipeline, yaml } of cells) {
      assert.equal(pipeline.seed, 7531);
      assert.deepEqual(pipeline.quantization.activations.bits, [2, 4]);
      assert.deepEqual(pipeline.labels, { simsiam: 'from hunter2', 'ssql-simsiam': 'from hunter2' });
      assert.doesNotMatch(yaml, /hunter2|7531/);
      for (const text of ['${env:SEED}', '${env:BITS}', '${quantization.weights.bits}', 'from ${env:TOKEN}'])
        assert.ok(yaml.includes(text), `${text} in\n${yaml}`);
    }
  });

  it('load again from there as the same pipeline', async () => {
    const [cell] = await load(PIPELINE.replace(/^(labels|matrix).*\n/gm, ''));
    const [again] = await load(cell!.yaml);
    assert.deepEqual(again!.pipeline, cell!.pipeline);
    assert.equal(again!.yaml, cell!.yaml);
  });

  it('stay hidden where an expression refers to a list that contains them', async () => {
    const [cell] = await load(
      PIPELINE.replace(/^(labels|matrix).*\n/gm, '').replace('"${env:BITS}"', '["${env:WIDTH}", 4]'),
    );
    assert.deepEqual(cell!.pipeline.quantization.activations.bits, [2, 4]);
    assert.match(cell!.yaml, /bits: \$\{quantization\.weights\.bits\}/);
  });

  it('do not keep other expressions', async () => {
    const [cell] = await load(
      PIPELINE.replace(/^(labels|matrix).*\n/gm, '').replace('batch: 32', 'batch: "${train.epochs}"'),
    );
    assert.match(cell!.yaml, /batch: 2\n/);
  });

  it('stay hidden in the list of plugins', async () => {
    writeFileSync(join(folder, 'hunter2.mjs'), 'export const plugins = [];\n');
    const [cell] = await load(`${PIPELINE.replace(/^(labels|matrix).*\n/gm, '')}plugins: ["./\${env:TOKEN}.mjs"]\n`);
    assert.deepEqual(cell!.pipeline.plugins, ['./hunter2.mjs']);
    assert.match(cell!.yaml, /- \.\/\$\{env:TOKEN\}\.mjs\n/);
  });
});
