import { Command } from 'commander';
import { SsqlError } from '../errors.js';
import { examples } from './examples.js';
import { fit, formatBar, shareOf } from './fit.js';
import { jsonOption, printJson } from './json-option.js';
import { createLiveLine } from './live-line.js';

interface BuildFlags {
  readonly gpu?: boolean;
}

interface InstallFlags extends BuildFlags {
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
    .option('--gpu', 'install the build for NVIDIA GPUs: a download of 2.1 GB, 3.5 GB on the disk')
    .option('--index <address>', 'download from this package index; pip is used only if that fails')
    .option('--optional', 'succeed even if libtensorflow is unavailable: the WebAssembly engine replaces it')
    .action(async ({ gpu = false, index, optional }: InstallFlags) => {
      const { installLibrary } = await import('../engine/provision/install.js');
      const live = createLiveLine(process.stderr, { now: Date.now });
      try {
        const library = await installLibrary({
          build: gpu ? 'gpu' : 'cpu',
          ...(index === undefined ? {} : { index }),
          onNote: live.note,
          onProgress: ({ phase, done, total }) =>
            live.update({ task: phase, line: (columns) => progressLine(phase, shareOf(done, total), columns) }),
        });
        live.end();
        process.stdout.write(`libtensorflow: ${library.folder}\n`);
      } catch (error) {
        live.end();
        if (optional !== true || !(error instanceof SsqlError)) throw error;
        process.stdout.write(`libtensorflow is unavailable. Using the slower WebAssembly engine: ${error.message}\n`);
        if (error.details.hint !== undefined) process.stdout.write(`${error.details.hint}\n`);
      }
    });
  return examples(
    command,
    'ssql engine install',
    'ssql engine install --gpu',
    'ssql engine install --index https://pypi.org/simple',
  );
}

function progressLine(phase: string, share: number, columns: number): string {
  const percent = `${Math.floor(share * 100)}%`;
  return fit([`${phase}  ${formatBar(share, 16)}  ${percent}`, `${phase}  ${percent}`], columns);
}

function listCommand(): Command {
  const command = new Command('list')
    .description('List the installed versions and builds of libtensorflow.')
    .addOption(jsonOption('the list'))
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const { listLibraries } = await import('../engine/provision/installed.js');
      const libraries = await listLibraries();
      if (json) return printJson(libraries);
      for (const { version, platform, build, folder } of libraries)
        process.stdout.write(`${version} ${platform} ${build} ${folder}\n`);
    });
  return examples(command, 'ssql engine list --json');
}

function removeCommand(): Command {
  const command = new Command('remove')
    .description('Remove the installed libtensorflow.')
    .option('--gpu', 'remove the build for NVIDIA GPUs')
    .action(async ({ gpu = false }: BuildFlags) => {
      const { removeLibrary } = await import('../engine/provision/installed.js');
      const build = gpu ? 'gpu' : 'cpu';
      const folder = await removeLibrary({ build });
      process.stdout.write(`${folder ?? `The ${build.toUpperCase()} build is not installed.`}\n`);
    });
  return examples(command, 'ssql engine remove', 'ssql engine remove --gpu');
}
