import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Command, Option } from 'commander';
import { findRuns } from '../artifact/find-runs.js';
import { PIPELINE, type JsonSchema } from '../pipeline/pipeline-schema.js';
import { discoverRegistry } from '../plugin/discover.js';

export interface Candidate {
  readonly name: string;
  readonly description: string;
}

/** Completions of a command line, whose last word is being typed. */
export async function candidates(program: Command, words: readonly string[]): Promise<Candidate[]> {
  const typed = words.at(-1) ?? '';
  const { command, argumentCount } = descend(program, words.slice(0, -1));
  const all =
    words.at(-2) === '--set'
      ? settings(PIPELINE.properties, [])
      : typed.startsWith('-')
        ? optionsOf(command)
        : [...subcommands(command), ...(await argumentsOf(command, argumentCount, typed))];
  return all.filter(({ name }) => name.startsWith(typed));
}

/** The paths of a pipeline for `--set`, as far as they do not depend on plugins. */
function settings(properties: object, above: readonly string[]): Candidate[] {
  return Object.entries(properties as { readonly [name: string]: JsonSchema }).flatMap(([name, schema]) => {
    const path = [...above, name];
    const inner = schema['properties'];
    if (typeof inner === 'object' && inner !== null && name !== 'matrix') return settings(inner, path);
    return [{ name: `${path.join('.')}=`, description: String(schema['description'] ?? '') }];
  });
}

/** The command of the words before, and its number of arguments. */
function descend(
  program: Command,
  before: readonly string[],
): { readonly command: Command; readonly argumentCount: number } {
  let command = program;
  let argumentCount = 0;
  for (let index = 0; index < before.length; index++) {
    const word = before[index] ?? '';
    const option = command.options.find(({ long, short }) => long === word || short === word);
    const next = command.commands.find((subcommand) => subcommand.name() === word);
    // Skip the value of an option: it is not an argument.
    if (option) index += takesValue(option) ? 1 : 0;
    else if (next && argumentCount === 0) command = next;
    else if (!word.startsWith('-')) argumentCount += 1;
  }
  return { command, argumentCount };
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function optionsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, description }) => ({ name: long ?? '', description }));
}

function subcommands(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((subcommand) => ({ name: subcommand.name(), description: subcommand.description() }));
}

async function argumentsOf(command: Command, argumentCount: number, typed: string): Promise<Candidate[]> {
  const argument = command.registeredArguments[argumentCount];
  if (argument?.argChoices) return argument.argChoices.map((name) => ({ name, description: '' }));
  switch (argument?.name()) {
    case 'plugin':
      return (await plugins()).map(({ name, summary }) => ({ name, description: summary }));
    case 'kind':
      return [...new Set((await plugins()).map(({ kind }) => kind))].map((name) => ({ name, description: '' }));
    case 'file':
      return (await pipelineFiles(typed)).map((name) => ({ name, description: '' }));
    case 'a':
    case 'b':
      return (await findRuns('runs').catch(() => [])).map((folder) => ({
        name: `${basename(dirname(folder))}/${basename(folder)}`,
        description: '',
      }));
    case undefined:
    default:
      return [];
  }
}

async function plugins(): Promise<
  readonly { readonly kind: string; readonly name: string; readonly summary: string }[]
> {
  return (await discoverRegistry([], process.cwd())).list();
}

/** YAML files in the folder that is being typed and its subfolders, except for skipped ones. */
async function pipelineFiles(typed: string, depth = 2): Promise<string[]> {
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const entries = await readdir(folder === '' ? '.' : folder, { withFileTypes: true }).catch(() => []);
  const files = entries.map(async (entry): Promise<string[]> => {
    const path = `${folder}${entry.name}`;
    if (entry.isFile()) return /\.ya?ml$/.test(entry.name) ? [path] : [];
    const skipped = !entry.isDirectory() || entry.name.startsWith('.') || SKIPPED.includes(entry.name);
    return skipped || depth === 0 ? [] : pipelineFiles(`${path}/`, depth - 1);
  });
  return (await Promise.all(files)).flat();
}

const SKIPPED = ['node_modules', 'runs', 'data'];
