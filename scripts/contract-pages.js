// The pages of contracts: each shows the types of a kind with their docstrings, the laws, and the template as the example.
import { readFile } from 'node:fs/promises';
import { KINDS } from '../packages/core/src/kinds/kinds.ts';
import * as testing from '../packages/core/src/testing/index.ts';
import { BROKEN } from '../test/broken/cases/all.ts';
import { exportedNames, typesIn } from './contract-types.ts';

/** The file of each kind's types, and files with further types that its functions get. */
const FILES = {
  backbone: ['nn/network.ts'],
  stage: ['kinds/stage.ts', 'kinds/trained-encoder.ts', 'kinds/run-record.ts'],
  logger: ['kinds/logger.ts', 'kinds/run-record.ts'],
};
const filesOf = (kind) => FILES[kind] ?? [`kinds/${kind}.ts`];
/** The page that shows the types of a file. All other types are on the page of shared types. */
const PAGE_OF = new Map([
  ...KINDS.flatMap(({ kind }) => filesOf(kind).map((file) => [file, `${kind}.md`])).reverse(),
  ['plugin/contract.ts', 'README.md'],
]);
/** The types of products that are not named after their kind. */
const PRODUCTS = { data: 'Dataset', backbone: 'Network', stage: 'RunStage' };
const RANDOM = {
  method:
    'A step is compiled once. In a step, random operations of `tf`, such as `tf.randomUniform` and `tf.dropout`, are refused with ' +
    'ENGINE_RANDOM_OPERATION. Nothing can refuse `Math.random` and the clock: a compiled step keeps their first value. Random tensors are ' +
    'declared in `draws`, and other numbers that change in `scalars`.',
  augmentation:
    'All random numbers come from `draw`, which gets a stream for each image, and are declared in `draws`. `apply` is part of a step that is ' +
    'compiled once: random operations of `tf`, such as `tf.randomUniform` and `tf.dropout`, are refused with ENGINE_RANDOM_OPERATION, and a ' +
    'compiled step keeps the first value of `Math.random`.',
};
const TEMPLATES = new URL('../packages/create-ssql/templates/', import.meta.url);

/** The pages by name, with an index. */
export async function contractPages() {
  const pages = await Promise.all(
    KINDS.map(async (entry) => [`contracts/${entry.kind}.md`, await contractPage(entry)]),
  );
  return [['contracts/README.md', await indexPage()], ['contracts/types.md', await sharedTypesPage()], ...pages];
}

/** The types that contracts name, and that no page of a kind shows. */
async function sharedTypesPage() {
  const pending = await Promise.all([...PAGE_OF.keys()].map(typesIn)).then((types) => types.flat());
  await refuseHidden(pending);
  const shared = new Map();
  for (const { uses } of pending) {
    for (const { name, file } of uses) {
      if (PAGE_OF.has(file) || shared.has(name)) continue;
      const declaration = (await typesIn(file)).find((type) => type.name === name);
      shared.set(name, declaration);
      pending.push(declaration);
    }
  }
  await refuseHidden([...shared.values()]);
  const sections = [...shared.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    '# Shared types',
    'Types that several [contracts of plugins](README.md) name. `@ssql/core` exports all of them. Tensors and `tfjs` are those of `@tensorflow/tfjs-core`.',
    ...sections.map((type) => [`## ${type.name}`, block('ts', type.text), ...linksOf([type], 'types.md')].join('\n\n')),
  ].join('\n\n');
}

/** Fails if a page would show a type that authors of plugins cannot import. */
async function refuseHidden(types) {
  const exported = await exportedNames();
  const hidden = types.filter(({ name }) => !exported.has(name)).map(({ name, file }) => `${name} (${file})`);
  if (hidden.length > 0)
    throw new Error(`The pages of contracts show ${hidden.join(', ')}, which @ssql/core must export.`);
}

/** A line with links to the types that a page names and does not show. */
function linksOf(types, page) {
  const shown = new Set(types.map(({ name }) => name));
  const names = new Map(types.flatMap(({ uses }) => uses.map(({ name, file }) => [name, file])));
  const links = [...names]
    .filter(([name]) => !shown.has(name))
    .sort()
    .map(([name, file]) => {
      const target = PAGE_OF.get(file) ?? `types.md#${name.toLowerCase()}`;
      return `[${name}](${target.replace(`${page}#`, '#')})`;
    });
  const label = page === 'types.md' ? 'Uses' : 'Types from other pages';
  return links.length === 0 ? [] : [`${label}: ${links.join(', ')}.`];
}

/** All members that an object must have: those of the table of kinds, and the others without `?`. */
function requiredMembers(kind, members, types) {
  const product = PRODUCTS[kind] ?? types.find(({ name }) => name.toLowerCase() === kind).name;
  const declared = types.find(({ name }) => name === product).required;
  const others = declared
    .filter(({ name }) => members[name] === undefined)
    .map(({ name, type }) => `- \`${name}\`: \`${type}\``);
  const listed = Object.entries(members).map(([name, type]) => {
    const expected = typeof type === 'string' ? type : type.map((value) => JSON.stringify(value)).join(' or ');
    return `- \`${name}\`: ${expected}`;
  });
  return [...listed, ...others];
}

async function indexPage() {
  const contract = await typesIn('plugin/contract.ts');
  const lines = KINDS.map(({ kind, summary }) => `- [${kind}](${kind}.md): ${summary}`);
  return [
    '# Contracts of plugins',
    'A plugin is a plain object that `definePlugin` makes. `create` gets the options, validated and with defaults, and a context. It returns the ' +
      'product of its kind; there is a page for each kind, and one of [shared types](types.md).',
    lines.join('\n'),
    '## Every plugin',
    block('ts', textOf(contract)),
    ...linksOf(contract, 'README.md'),
    'A third party can add a kind: see `PluginKinds` in `@ssql/core`.',
  ].join('\n\n');
}

async function contractPage({ kind, summary, places, members }) {
  const tester = Object.entries(testing).find(([, value]) => value.kind === kind);
  const paths = places.map(({ path, description }) => `- \`${path}\`: ${description}`);
  const types = (await Promise.all(filesOf(kind).map(typesIn))).flat();
  const refused = BROKEN.filter((broken) => broken.kind === kind).map(({ title }) => `- ${title}`);
  const read = (file) => readFile(new URL(`${kind}/${file}`, TEMPLATES), 'utf8');
  return [
    `# The contract of the kind ${kind}`,
    `${summary} In a pipeline:`,
    paths.join('\n'),
    '## What you get and what you return',
    '`create(options, context)` is described in [contracts of plugins](README.md). What it returns, with what its functions get:',
    block('ts', textOf(types)),
    ...linksOf(types, `${kind}.md`),
    ...(RANDOM[kind] === undefined ? [] : [RANDOM[kind]]),
    '## Who checks it',
    'When a run is prepared, what `create` returned must have these members:',
    requiredMembers(kind, members, types).join('\n'),
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

function textOf(types) {
  return types.map(({ text }) => text).join('\n\n');
}

function block(language, text) {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}
