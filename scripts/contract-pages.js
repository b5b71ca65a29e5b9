// The pages of contracts: each shows the types of a kind with their docstrings, the laws, and the template as the example.
import { readFile } from 'node:fs/promises';
import { KINDS } from '../packages/core/src/kinds/kinds.ts';
import * as testing from '../packages/core/src/testing/index.ts';
import { BROKEN } from '../test/broken/cases/all.ts';

const CORE = new URL('../packages/core/src/', import.meta.url);
/** The file of each kind's types, and files with further types that its functions get. */
const FILES = {
  backbone: ['nn/network.ts'],
  stage: ['kinds/stage.ts', 'kinds/trained-encoder.ts', 'kinds/run-record.ts'],
  logger: ['kinds/logger.ts', 'kinds/run-record.ts'],
};
const TEMPLATES = new URL('../packages/create-ssql/templates/', import.meta.url);

/** The pages by name, with an index. */
export async function contractPages() {
  const pages = await Promise.all(
    KINDS.map(async (entry) => [`contracts/${entry.kind}.md`, await contractPage(entry)]),
  );
  return [['contracts/README.md', await indexPage()], ...pages];
}

async function indexPage() {
  const lines = KINDS.map(({ kind, summary }) => `- [${kind}](${kind}.md): ${summary}`);
  return [
    '# Contracts of plugins',
    'A plugin is a plain object that `definePlugin` makes. `create` gets the options, validated and with defaults, and a context. It returns the ' +
      'product of its kind; there is a page for each kind.',
    lines.join('\n'),
    '## Every plugin',
    block('ts', await typesOf('plugin/contract.ts')),
    'A third party can add a kind: see `PluginKinds` in `@ssql/core`.',
  ].join('\n\n');
}

async function contractPage({ kind, summary, places, members }) {
  const tester = Object.entries(testing).find(([, value]) => value.kind === kind);
  const paths = places.map(({ path, description }) => `- \`${path}\`: ${description}`);
  const required = Object.entries(members).map(([name, type]) => {
    const expected = typeof type === 'string' ? type : type.map((value) => JSON.stringify(value)).join(' or ');
    return `- \`${name}\`: ${expected}`;
  });
  const refused = BROKEN.filter((broken) => broken.kind === kind).map(({ title }) => `- ${title}`);
  const read = (file) => readFile(new URL(`${kind}/${file}`, TEMPLATES), 'utf8');
  return [
    `# The contract of the kind ${kind}`,
    `${summary} In a pipeline:`,
    paths.join('\n'),
    '## What you get and what you return',
    '`create(options, context)` is described in [contracts of plugins](README.md). What it returns, with everything that its functions get:',
    block('ts', (await Promise.all((FILES[kind] ?? [`kinds/${kind}.ts`]).map(typesOf))).join('\n\n')),
    '## Who checks it',
    'When a run is prepared, what `create` returned must have these members:',
    required.join('\n'),
    ...(refused.length === 0
      ? []
      : [
          'A run also checks what the functions return. An error names the plugin, its package and its place in the pipeline. Refused is, for ' +
            'example, a plugin that',
          refused.join('\n'),
        ]),
    `\`${tester[0]}\` of \`@ssql/core/testing\` checks these laws, which [testing a plugin](../testing.md) explains:`,
    tester[1].laws.map((law) => `- ${law}`).join('\n'),
    '## An example',
    `The template of \`npm create ssql@latest my-${kind} -- --template ${kind}\`, with its test; \`template-name\` becomes the name of the folder.`,
    block('ts', await read('src/index.ts')),
    block('ts', await read('test/index.test.ts')),
  ].join('\n\n');
}

/** The types of a file with their docstrings: its source without imports and functions. */
async function typesOf(file) {
  const text = await readFile(new URL(file, CORE), 'utf8');
  return text
    .replace(/^import (type )?[^;]*;\n/gm, '')
    .replace(/(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?^export function [^]*?^}\n/gm, '')
    .trim();
}

function block(language, text) {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}
