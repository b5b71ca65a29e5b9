import { Command } from 'commander';
import { SsqlError } from '../errors.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { createStatusLine } from './status-line.js';

interface InstallFlags {
  readonly index?: string;
  readonly optional?: boolean;
}

/** `ssql engine install|list|remove`: manages libtensorflow in the user's cache. */
export function engineCommand(): Command {
  const command = new Command('engine').description('Install, list or remove the libtensorflow engine.');
  for (const subcommand of [installCommand(), listCommand(), removeCommand()]) command.addCommand(subcommand);
  return examples(command, 'ssql engine install', 'ssql engine list --json');
}

function installCommand(): Command {
  const command = new Command('install')
    .description('Install libtensorflow into the user cache, with pip or from a package index.')
    .option('--index <address>', 'download from this package index; pip is used only if that fails')
    .option('--optional', 'succeed even if libtensorflow is unavailable: the WebAssembly engine replaces it')
    .action(async ({ index, optional }: InstallFlags) => {
      const { installLibrary } = await import('../engine/provision/install.js');
      const status = createStatusLine(process.stderr, { now: Date.now });
      try {
        const library = await installLibrary({
          ...(index === undefined ? {} : { index }),
          onNote: status.note,
          onProgress: ({ phase, done, total }) => total !== undefined && status.update({ phase, done, total }),
        });
        status.end();
        process.stdout.write(`libtensorflow: ${library.folder}\n`);
      } catch (error) {
        status.end();
        if (optional !== true || !(error instanceof SsqlError)) throw error;
        process.stdout.write(`libtensorflow is unavailable. Using the slower WebAssembly engine: ${error.message}\n`);
        if (error.details.hint !== undefined) process.stdout.write(`${error.details.hint}\n`);
      }
    });
  return examples(command, 'ssql engine install', 'ssql engine install --index https://pypi.org/simple');
}

function listCommand(): Command {
  const command = new Command('list')
    .description('List the installed versions of libtensorflow.')
    .addOption(jsonOption('the list'))
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const { listLibraries } = await import('../engine/provision/installed.js');
      const libraries = await listLibraries();
      if (json) return printJson(libraries);
      for (const { version, platform, folder } of libraries) process.stdout.write(`${version} ${platform} ${folder}\n`);
    });
  return examples(command, 'ssql engine list --json');
}

function removeCommand(): Command {
  const command = new Command('remove').description('Remove the installed libtensorflow.').action(async () => {
    const { removeLibrary } = await import('../engine/provision/installed.js');
    process.stdout.write(`${(await removeLibrary()) ?? 'Nothing is installed.'}\n`);
  });
  return examples(command, 'ssql engine remove');
}
