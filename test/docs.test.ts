import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plugins } from '@ssql/plugins';
import { createRegistry, formatError, loadPipeline } from '../packages/core/src/run.js';
import { definePlugin, SsqlError } from '../packages/core/src/index.js';
import { pluginExample, pluginPage } from '../packages/core/src/schemas/plugin-page.js';
import { findErrorCodes } from '../scripts/error-codes.js';
import { SMALL, writePipeline } from './cli/small-run.js';

describe('reference pages', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-docs-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const plugin of plugins) {
    it(`show ${plugin.kind} ${plugin.name} as it may be written`, async () => {
      const { quantization: _quantization, ...small } = SMALL;
      // A quantizer need not serve the precisions of the small pipeline's stage.
      const stages = plugin.kind === 'quantizer' ? { stages: [] } : {};
      const file = writePipeline(folder, { ...small, ...stages, ...(pluginExample(plugin) as object) });
      const { cells } = await loadPipeline(file, { plugins: createRegistry([{ name: '@ssql/plugins', plugins }]) });
      assert.ok(cells[0]?.yaml.includes(`use: ${plugin.name}\n`));
    });
  }

  it('contain everything that a plugin declares', () => {
    const page = pluginPage(
      definePlugin({
        kind: 'quantizer',
        name: 'mine',
        summary: 'My | own.',
        paper: 'https://example.org/paper',
        needs: ['observer'],
        options: {
          type: 'object',
          additionalProperties: false,
          required: ['a'],
          properties: {
            a: { type: 'integer', minimum: 2, description: 'The first.' },
            b: { enum: ['x', 'y'], default: 'y', description: 'The second.' },
          },
        },
        create: () => assert.fail('a page needs no plugin to be made'),
      }),
    );
    for (const part of [
      '# quantizer `mine`\n\nMy \\| own.\n\nPaper: https://example.org/paper\n',
      "It needs the pipeline's observer.",
      '| `a` | integer >= 2 | required | The first. |',
      '| `b` | "x" \\| "y" | `"y"` | The second. |',
      '    quantizer:\n      use: mine\n      with:\n        a: 2\n        b: y\n',
    ])
      assert.ok(page.includes(part), `${part}\n---\n${page}`);
  });

  it('of contracts show each type that they name, or link to it', () => {
    const pages = readdirSync('docs/contracts').map(
      (name) => [name, readFileSync(`docs/contracts/${name}`, 'utf8')] as const,
    );
    const targets = new Set(
      pages.flatMap(([name, text]) => [
        name,
        ...(text.match(/(?<=^## ).+$/gm) ?? []).map((heading) => `${name}#${heading.toLowerCase()}`),
      ]),
    );
    for (const [name, text] of pages) {
      const links = [...text.matchAll(/\]\(((?:[a-z]+|README)\.md(?:#\w+)?|#\w+)\)/g)].map(([, link]) => link!);
      const broken = links.filter((link) => !targets.has(link.startsWith('#') ? name + link : link));
      assert.deepEqual(broken, [], name);
      // Some types of core; those of the language and of TensorFlow.js need no explanation.
      const declared = new Set([...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, type]) => type));
      for (const type of [
        'Random',
        'Precision',
        'EvaluationPrecision',
        'Engine',
        'Tensors',
        'Branch',
        'Range',
        'SchedulePoint',
      ])
        if (new RegExp(`[:(|] (?:readonly )?${type}\\b`).test(text.replaceAll(/\/\*[^]*?\*\//g, '')))
          assert.ok(declared.has(type) || text.includes(`[${type}](`), `${name} does not explain ${type}`);
    }
  });

  it('have one heading for each code, which a printed error links to', async () => {
    const { codes } = await findErrorCodes(['packages/core/src', 'packages/plugins/src']);
    const headings = readFileSync('docs/errors.md', 'utf8').match(/(?<=^### ).+$/gm) ?? [];
    assert.deepEqual(headings.toSorted(), [...new Set(codes.map(({ code }) => code))].toSorted());
    for (const heading of headings) {
      const link = `See docs/errors.md#${heading.toLowerCase()}`;
      assert.ok(formatError(new SsqlError(heading, 'x')).endsWith(`\n  ${link}`), heading);
    }
  });

  const codes = async (source: string): Promise<Awaited<ReturnType<typeof findErrorCodes>>> => {
    writeFileSync(join(folder, 'some-errors.ts'), source);
    return findErrorCodes([folder]);
  };
  const documented = (name: string, code: string, tag = ''): string =>
    `/**\n * What it\n * means.\n * @remedy What to do.\n${tag} */\nfunction ${name}(): SsqlError {\n  return new SsqlError('${code}', 'x');\n}\n`;

  it('read an error code from the function that makes it', async () => {
    const { codes: found, faults } = await codes(documented('one', 'ONE') + documented('another', 'ANOTHER'));
    assert.deepEqual(faults, []);
    assert.deepEqual(
      found.map(({ code, meaning, remedy }) => [code, meaning, remedy]),
      [
        ['ANOTHER', 'What it means.', 'What to do.'],
        ['ONE', 'What it means.', 'What to do.'],
      ],
    );
  });

  it('refuse a code without an explanation, outside an error function, or made twice', async () => {
    const one = "function one(): SsqlError {\n  return new SsqlError('ONE', 'x');\n}\n";
    assert.match((await codes(one)).faults.join(), /:2: one makes ONE and does not say what it means/);
    assert.match((await codes(`/** It means. */\n${one}`)).faults.join(), /what to do \(@remedy\)/);
    const passing = "/** Does. @remedy Do. */\nfunction work(): void {\n  throw new SsqlError('ONE', 'x');\n}\n";
    assert.match((await codes(passing)).faults.join(), /ONE is made by work; make it in a function/);
    const twice = documented('one', 'ONE') + documented('two', 'ONE');
    assert.match((await codes(twice)).faults.join(), /ONE is made by one .* and two /);
    const meant = documented('one', 'ONE') + documented('two', 'ONE', ' * @see one\n');
    assert.deepEqual((await codes(meant)).faults, []);
  });
});
