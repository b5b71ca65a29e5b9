import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Command, Option } from 'commander';
import { findRuns } from '../artifact/find-runs.js';
import { discoverRegistry } from '../plugin/discover.js';

export interface Candidate {
  readonly name: string;
  readonly description: string;
}

/** What may follow on a command line; the last word is the one that is being typed. */
export async function candidates(program: Command, words: readonly string[]): Promise<Candidate[]> {
  const typed = words.at(-1) ?? '';
  const { command, given } = descend(program, words.slice(0, -1));
  const all = typed.startsWith('-')
    ? optionsOf(command)
    : [...subcommands(command), ...(await argumentsOf(command, given, typed))];
  return all.filter(({ name }) => name.startsWith(typed));
}

/** The command that the words before lead to, and how many arguments it was given. */
function descend(program: Command, before: readonly string[]): { readonly command: Command; readonly given: number } {
  let command = program;
  let given = 0;
  for (let index = 0; index < before.length; index++) {
    const word = before[index] ?? '';
    const option = command.options.find((one) => one.long === word || one.short === word);
    const next = command.commands.find((one) => one.name() === word);
    // The value of an option is no argument.
    if (option) index += takesValue(option) ? 1 : 0;
    else if (next && given === 0) command = next;
    else if (!word.startsWith('-')) given += 1;
  }
  return { command, given };
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
    .map((one) => ({ name: one.name(), description: one.description() }));
}

async function argumentsOf(command: Command, given: number, typed: string): Promise<Candidate[]> {
  const argument = command.registeredArguments[given];
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

/** YAML files of the folder that is being typed and, below it, of folders that are no runs. */
async function pipelineFiles(typed: string, depth = 2): Promise<string[]> {
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const entries = await readdir(folder === '' ? '.' : folder, { withFileTypes: true }).catch(() => []);
  const found = entries.map(async (entry): Promise<string[]> => {
    const path = `${folder}${entry.name}`;
    if (entry.isFile()) return /\.ya?ml$/.test(entry.name) ? [path] : [];
    const passed = !entry.isDirectory() || entry.name.startsWith('.') || SKIPPED.includes(entry.name);
    return passed || depth === 0 ? [] : pipelineFiles(`${path}/`, depth - 1);
  });
  return (await Promise.all(found)).flat();
}

const SKIPPED = ['node_modules', 'runs', 'data'];
