// Writes the reference pages in docs/ from the sources; with --check it fails where they have drifted.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { plugins } from '@ssql/plugins';
import { format, resolveConfig } from 'prettier';
import { createProgram } from '../packages/core/src/cli/program.ts';
import { KINDS } from '../packages/core/src/kinds/kinds.ts';
import { pluginPage } from '../packages/core/src/schemas/plugin-page.ts';
import { accuracyPicture, monitorPicture } from '../packages/core/src/report/picture.ts';
import { contractPages } from './contract-pages.js';
import { findErrorCodes } from './error-codes.ts';
import { LAYERS } from './layers.js';
import { fillResults } from './result-tables.ts';
import { terminalPage } from './terminal-page.ts';

const FOLDER = new URL('../docs/', import.meta.url).pathname;
const PICTURE = /(<!-- layers -->\n)[^]*?(<!-- end of layers -->)/;
const NOTE = '<!-- Written by `npm run docs`. -->\n\n';

const pages = new Map([
  ...pluginPages(),
  ...(await contractPages()),
  ['errors.md', await errorPage()],
  ['command-line.md', commandLinePage()],
  ['terminal.md', terminalPage()],
]);
const generated = await Promise.all(
  ['plugins', 'contracts'].map(async (folder) => {
    const names = await readdir(join(FOLDER, folder), { recursive: true }).catch(() => []);
    return names.map((name) => join(folder, name));
  }),
);
const stale = generated.flat().filter((name) => name.endsWith('.md') && !pages.has(name));
const drifted = [...stale];
const ARCHITECTURE = '../ARCHITECTURE.md';
pages.set(ARCHITECTURE, await architecture());
for (const name of ['../README.md', ...(await resultPages())]) {
  const file = join(FOLDER, name);
  pages.set(name, await fillResults(await readFile(file, 'utf8'), dirname(file)));
}
pages.set('accuracy.svg', await accuracyPicture(minmaxOnly(await resultsOf('digits/results/simsiam.json'))));
pages.set('cifar10-curves.svg', await monitorPicture(await resultsOf('cifar10/results/simclr-small.json')));
for (const [name, text] of pages) {
  const file = join(FOLDER, name);
  const formatted = name.endsWith('.svg')
    ? text
    : await formatMarkdown(file, name.startsWith('../') ? text : NOTE + text);
  if ((await readFile(file, 'utf8').catch(() => '')) === formatted) continue;
  drifted.push(name);
  if (process.argv.includes('--check')) continue;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, formatted);
}
if (!process.argv.includes('--check')) await Promise.all(stale.map((name) => rm(join(FOLDER, name))));
else if (drifted.length > 0) {
  console.error(
    `${drifted.map((name) => join('docs', name)).join(', ')} drifted: run npm run docs and commit what it writes.`,
  );
  process.exitCode = 1;
}

/** The runs of a file that `ssql run --json` printed. */
async function resultsOf(name) {
  return JSON.parse(await readFile(join(FOLDER, '../pipelines', name), 'utf8')).runs;
}

/** Runs without the results of other calibrations, whose names are too long for the picture. */
function minmaxOnly(runs) {
  return runs.map((run) => ({
    ...run,
    evaluations: run.evaluations.filter(({ precision }) => !precision.includes('@')),
  }));
}

async function formatMarkdown(file, text) {
  return format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
}

function pluginPages() {
  const index = KINDS.map(({ kind, summary: about, places }) => {
    const lines = plugins
      .filter((plugin) => plugin.kind === kind)
      .map(({ name, summary }) => `- [${name}](${kind}/${name}.md): ${summary}`);
    const paths = places.map(({ path }) => `\`${path}\``).join(', ');
    return `## ${kind}\n\n${about} In a pipeline: ${paths}.\n\n${lines.join('\n')}`;
  });
  const title =
    '# Plugins\n\nThe built-in plugins by kind. `ssql show <plugin> --markdown` prints the same page for any plugin.';
  return [
    ['plugins/README.md', [title, ...index].join('\n\n')],
    ...plugins.map((plugin) => [`plugins/${plugin.kind}/${plugin.name}.md`, pluginPage(plugin)]),
  ];
}

/** The READMEs of the pipelines, which show committed results. */
async function resultPages() {
  const names = await readdir(join(FOLDER, '../pipelines'), { recursive: true });
  return names.filter((name) => basename(name) === 'README.md').map((name) => `../pipelines/${name}`);
}

/** ARCHITECTURE.md with its picture of the layers, which is drawn from the list that lint holds imports to. */
async function architecture() {
  const text = await readFile(join(FOLDER, ARCHITECTURE), 'utf8');
  const names = LAYERS.map(({ folders = [], files = [] }) =>
    [
      ...folders.map((name) => `${name}/`),
      ...files.slice(0, 2).map((name) => `${name}.ts`),
      ...(files.length > 2 ? ['...'] : []),
    ].join(' '),
  );
  const width = Math.max(...names.map((name) => name.length));
  const lines = LAYERS.map(({ what }, index) => `${names[index].padEnd(width)}  ${what}`);
  return text.replace(PICTURE, `$1\n\`\`\`text\n${lines.join('\n')}\n\`\`\`\n\n$2`);
}

async function errorPage() {
  const { codes, faults } = await findErrorCodes(['packages/core/src', 'packages/plugins/src']);
  if (faults.length > 0) {
    console.error(faults.join('\n'));
    process.exit(1);
  }
  // The heading of a code is the anchor that `formatError` links to: one for each code, even if several functions make it.
  const part = (title, folder) => {
    const names = [...new Set(codes.map(({ code }) => code))];
    const sections = names.flatMap((code) => {
      const makers = codes.filter((maker) => maker.code === code);
      if (makers[0]?.file.startsWith(folder) !== true) return [];
      const meanings = makers.map(({ meaning, remedy }) => `${meaning}\n\n**What to do:** ${remedy}`);
      return [`### ${code}\n\n${meanings.join('\n\n')}`];
    });
    return [`## ${title}`, ...sections].join('\n\n');
  };
  return [
    '# Error codes\n\nEach error of the pipeline, the command line or the machine has a code. It ends the command with status 2 and names the place, if it is in a file, and what was expected.',
    part('ssql', 'packages/core'),
    part('Built-in plugins', 'packages/plugins'),
  ].join('\n\n');
}

function commandLinePage() {
  const program = createProgram();
  return `# The command line\n\n${describe(program, '', '##').join('\n\n')}`;
}

/** The help of a command and of those below it, as it is printed. */
function describe(command, parent, heading) {
  const name = `${parent} ${command.name()}`.trim();
  let help = '';
  // commander cuts at the width of the terminal.
  command.configureOutput({
    writeOut: (text) => (help += text),
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  const below = command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');
  return [
    `${heading} ${name}`,
    `\`\`\`text\n${help.trimEnd()}\n\`\`\``,
    ...below.flatMap((one) => describe(one, name, parent === '' ? '##' : '###')),
  ];
}
