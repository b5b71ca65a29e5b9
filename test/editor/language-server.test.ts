import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plugins } from '@ssql/plugins';
import { ssql, SMALL, writePipeline } from '../cli/small-run.js';
import { startLanguageServer, type LanguageServer } from './language-server.js';

const PLUGIN = `export const plugins = [
  {
    kind: 'quantizer', name: 'sum-of-terms', summary: 'Levels that are sums of terms.', paper: 'https://example.org/terms',
    options: { type: 'object', additionalProperties: false, properties: {
      clip: { enum: ['range', 'learned'], default: 'range', description: 'Where the clipping value comes from.' },
      terms: { type: 'integer', minimum: 1, default: 2, description: 'Terms of a level.' },
      signed: { type: 'boolean', default: true, description: 'Whether levels lie on both sides of zero.' },
      weights: { type: 'array', items: { type: 'number' }, default: [1, 2], description: 'What terms weigh.' },
    } },
    create: () => ({}),
  },
  {
    kind: 'method', name: 'demanding', summary: 'A method with an option that must be written.',
    options: { type: 'object', additionalProperties: false, required: ['width'], properties: {
      width: { type: 'integer', minimum: 1, description: 'Width of the projector.' },
    } },
    create: () => ({}),
  },
];`;

const HEAD = `# yaml-language-server: $schema=pipeline.schema.json
name: edited
data: digits
backbone: resnet18
method: simsiam
optimizer: { use: sgd, with: { lr: 0.1 } }
train: { epochs: 1, batch: 64 }
`;

/** The pipelines of this repository. */
/** Without those that name plugins of their own: `ssql schema <file>` writes the schema that knows these. */
const SHIPPED = ['pipelines', ...readdirSync('pipelines').map((name) => join('pipelines', name))].flatMap((path) =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => join(path, name))
        .filter((file) => !/^plugins:/m.test(readFileSync(file, 'utf8')))
    : [],
);

/** A pipeline whose weights have a quantizer, written as given from line 10 on. */
const quantized = (quantizer: string): string => `${HEAD}quantization:\n  weights:\n    quantizer:${quantizer}\n`;
const withOptions = (options: string): string =>
  quantized(`\n      use: sum-of-terms\n      with:\n        ${options}`);

/** Names and summaries of the built-in ones. */
const QUANTIZERS = plugins.filter(({ kind }) => kind === 'quantizer').map(({ name, summary }) => [name, summary]);

describe('yaml-language-server with the schema of `ssql schema`', () => {
  let folder: string;
  let server: LanguageServer;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-editor-'));
    writeFileSync(join(folder, 'terms.mjs'), PLUGIN);
    const { status, stdout } = await ssql(folder, ['schema', '--plugin', './terms.mjs']);
    assert.equal(status, 0);
    writeFileSync(join(folder, 'pipeline.schema.json'), stdout);
    server = await startLanguageServer(folder);
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  /** Labels of what is proposed. */
  const proposals = async (text: string): Promise<string[]> => (await server.complete(text)).map(({ label }) => label);

  describe('completes', () => {
    for (const [where, text] of [
      ['after `use:`', quantized('\n      use: |')],
      ['after `use:`, on one line', quantized(' { use: s| }')],
      ['in short', quantized(' |')],
    ] as const) {
      it(`the name of a plugin ${where}, and says what it is`, async () => {
        const proposed = await server.complete(text);
        assert.deepEqual(
          proposed.map(({ label, documentation }) => [label, documentation]),
          [...QUANTIZERS, ['sum-of-terms', 'Levels that are sums of terms.']],
        );
      });
    }

    it('the options under `with:`, with their defaults', async () => {
      const proposed = await server.complete(withOptions('|'));
      assert.deepEqual(
        proposed.map(({ label, insertText, documentation }) => [label, insertText, documentation]),
        [
          ['clip', 'clip: ${1:range}', 'Where the clipping value comes from.\nDefault: "range"'],
          ['terms', 'terms: ${1:2}', 'Terms of a level.\nDefault: 2'],
          ['signed', 'signed: ${1:true}', 'Whether levels lie on both sides of zero.\nDefault: true'],
          ['weights', 'weights:\n  - ${1:1}\n  - ${2:2}', 'What terms weigh.\nDefault: [1,2]'],
        ],
      );
      assert.deepEqual(await proposals(quantized(' { use: sum-of-terms, with: { clip: range, te| } }')), [
        'terms',
        'signed',
        'weights',
      ]);
    });

    it('the values of an option', async () => {
      assert.deepEqual((await proposals(withOptions('clip: |'))).sort(), ['learned', 'range']);
      assert.deepEqual((await proposals(withOptions('signed: |'))).sort(), ['false', 'true']);
    });

    it('`use` and `with` once, whatever plugins there are', async () => {
      const proposed = await proposals(`${HEAD}augment:\n  - |`);
      assert.ok(proposed.includes('grayscale'));
      assert.deepEqual(proposed.slice(-2), ['use', 'with']);
      assert.equal(new Set(proposed).size, proposed.length);
    });

    it('precisions, of stages and of pins', async () => {
      const usual = ['float', 'w8a8', 'w4a4', 'w3a3', 'w2a8', 'w2a4'];
      const stages = `${HEAD}stages:\n  - use: linear-probe\n    with:\n      precisions:\n        - |\n`;
      assert.deepEqual(await proposals(stages), usual);
      const pins = await proposals(`${HEAD}quantization:\n  pins:\n    conv1: |\n`);
      assert.deepEqual(pins.slice(0, usual.length), usual);
    });

    it('the axes of a matrix, and their values', async () => {
      const axes = await proposals(`${HEAD}matrix:\n  quantization.|\n`);
      for (const axis of ['quantization.wrap', 'quantization.weights.bits', 'train.epochs', 'seed', 'include'])
        assert.ok(axes.includes(axis), axis);
      assert.ok(!axes.includes('name'));
      const wrappers = await proposals(`${HEAD}matrix:\n  quantization.wrap:\n    - |\n`);
      for (const wrapper of ['none', 'ssql']) assert.ok(wrappers.includes(wrapper), wrappers.join());
    });

    it('a pipeline in an empty file, which is valid', async () => {
      const modeline = HEAD.slice(0, HEAD.indexOf('\n') + 1);
      const snippet = (await server.complete(`${modeline}|`)).find(({ label }) => label === 'pipeline');
      const text = (snippet?.insertText ?? '').replaceAll(/\$\{\d+:([^}]*)\}/g, '$1');
      assert.match(text, /^name: experiment\n[^]*\nmatrix:\n/);
      assert.deepEqual(await server.diagnose(`${modeline}${text}`), []);
    });

    it('the keys of `initial`', async () => {
      const keys = await proposals(`${HEAD}initial:\n  |\n`);
      assert.deepEqual(keys.sort(), ['convolutions', 'ignore', 'prefix', 'run', 'weights']);
    });

    it('keys of a pipeline, with defaults that are valid', async () => {
      const proposed = await server.complete(`${HEAD}sch|`);
      assert.equal(proposed.find(({ label }) => label === 'schedule')?.insertText, 'schedule: ${1:cosine}');
    });
  });

  describe('shows', () => {
    it('what an option is', async () => {
      const text = await server.hover(withOptions('te|rms: 3'));
      assert.match(text, /Terms of a level\.\n\nDefault: 2/);
      const values = await server.hover(withOptions('cl|ip: learned'));
      assert.match(values, /Where the clipping value comes from\.[^]*`learned`[^]*`range`/);
    });

    it('what an option is, also where its value is interpolated', async () => {
      assert.match(await server.hover(withOptions('te|rms: "${env:TERMS}"')), /Terms of a level\./);
    });

    it('what a plugin is, and its paper', async () => {
      const text = await server.hover(quantized(' { use: sum-of-|terms }'));
      assert.match(text, /Levels that are sums of terms\.\n\nhttps:\/\/example\.org\/terms/);
      assert.match(await server.hover(quantized(' sum-of-|terms')), /`sum-of-terms`: Levels that are sums of terms\./);
      assert.match(
        await server.hover(quantized(' { use: sum-of-terms, wi|th: {} }')),
        /Levels that are sums of terms\./,
      );
    });
  });

  describe('finds', () => {
    for (const [what, text, line, message] of [
      ['a wrong value', withOptions('clip: rnage'), 13, /Valid values: "range", "learned"/],
      ['a wrong type', withOptions('terms: many'), 13, /^Expected a whole number or a text with \$\{…\}\.$/],
      ['a number that is too small', withOptions('terms: 0'), 13, /below the minimum of 1/],
      ['an unknown option', withOptions('term: 2'), 13, /Property term is not allowed/],
      ['an unknown plugin', quantized(' sum-of-term'), 10, /Valid values: .*"uniform", "sum-of-terms"/],
      ['an unknown key', `${HEAD}sead: 1`, 8, /Property sead is not allowed/],
      [
        'a precision',
        `${HEAD}stages: [{ use: knn, with: { precisions: [w4a44] } }]`,
        8,
        /^Expected a precision: float, w4a8/,
      ],
      ['a pin', `${HEAD}quantization: { pins: { conv1: w88 } }`, 8, /precision/],
      [
        'an unknown axis',
        `${HEAD}matrix: { quantization.wrp: [ssql] }`,
        8,
        /Property quantization\.wrp is not allowed/,
      ],
      ['a value of an axis', `${HEAD}matrix: { quantization.wrap: [sqsl] }`, 8, /Valid values: .*"ssql"/],
      ['a value of an added run', `${HEAD}matrix: { include: [{ seed: -1 }] }`, 8, /below the minimum of 0/],
      ['a missing option', HEAD.replace('simsiam', '{ use: demanding, with: {} }'), 5, /Missing property "width"/],
      ['missing options', HEAD.replace('simsiam', '{ use: demanding }'), 5, /Missing property "with"/],
      ['missing options of a name', HEAD.replace('simsiam', 'demanding'), 5, /`demanding` has required options/],
      ['a missing key', HEAD.replace('data: digits\n', ''), 2, /Missing property "data"/],
    ] as const) {
      it(`${what}, in its line`, async () => {
        const found = await server.diagnose(text);
        assert.deepEqual(
          found.map((one) => one.line),
          [line],
        );
        assert.match(found[0]?.message ?? '', message);
      });
    }
  });

  describe('has nothing against', () => {
    for (const file of SHIPPED) {
      it(file, async () => {
        const text = readFileSync(file, 'utf8');
        const [modeline] = /\$schema=\S+/.exec(text) ?? [];
        assert.ok(modeline !== undefined, 'the file names its schema');
        assert.deepEqual(await server.diagnose(text.replace(modeline, '$schema=pipeline.schema.json')), []);
      });
    }

    it('what is interpolated, where numbers, words, lists and mappings are expected', async () => {
      const text = `${HEAD.replace('epochs: 1', 'epochs: "${env:EPOCHS}"')}
seed: "\${env:SEED}"
engine: { use: "\${env:ENGINE}" }
augment: ["\${env:AUGMENTATION}"]
schedule: "\${env:SCHEDULE}"
stages: "\${env:STAGES}"
quantization:
  weights:
    quantizer:
      use: sum-of-terms
      with: { clip: "\${env:CLIP}", terms: "\${env:TERMS}", signed: "\${env:SIGNED}", weights: ["\${env:WEIGHT}"] }
    bits: [2, "\${env:BITS}"]
  activations: "\${env:ACTIVATIONS}"
  pins: { conv1: "\${env:PIN}", fc: { weights: "\${env:PIN}" } }
`;
      assert.deepEqual(await server.diagnose(text), []);
      assert.deepEqual(
        (await server.diagnose(text.replace('${env:SEED}', 'env:SEED'))).map(({ line }) => line),
        [9],
      );
    });

    it('what a matrix may hold', async () => {
      const axes = 'train.epochs: null, method.with.dim: [8], stages.0.use: [knn], quantization.pins.conv1: [w8a8]';
      assert.deepEqual(await server.diagnose(`${HEAD}matrix: { ${axes}, method: [simsiam, { use: byol }] }`), []);
      assert.deepEqual(await server.diagnose(`${HEAD}matrix: null\nmonitor: null`), []);
    });

    it('what another file or the matrix supplies', async () => {
      const extending = '# yaml-language-server: $schema=pipeline.schema.json\nextends: ./base.yaml\n';
      assert.deepEqual(await server.diagnose(`${extending}train: { epochs: 3 }\nmethod: { with: { width: 3 } }\n`), []);
      const varied = HEAD.replace('epochs: 1, ', '');
      assert.deepEqual(await server.diagnose(`${varied}matrix: { train.epochs: [1, 2] }\n`), []);
      assert.equal((await server.diagnose(varied)).length, 1);
    });
  });

  it('knows the plugins that a pipeline names, when asked for its schema', async () => {
    writePipeline(folder, { ...SMALL, plugins: ['./terms.mjs'] }, 'base.yaml');
    writeFileSync(join(folder, 'edited.yaml'), 'extends: ./base.yaml\nname: edited\n');
    const { stdout } = await ssql(folder, ['schema', 'edited.yaml']);
    assert.equal(stdout, readFileSync(join(folder, 'pipeline.schema.json'), 'utf8'));
  });
});
