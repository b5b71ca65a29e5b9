import { Command } from 'commander';
import { SsqlError } from '../errors.js';
import { installLibrary } from '../engine/provision/install.js';
import { listLibraries, removeLibrary } from '../engine/provision/installed.js';
import { createStatusLine } from './status-line.js';

/** `ssql engine install|list|remove`: the libtensorflow of the user's cache. */
export function engineCommand(): Command {
  const command = new Command('engine').description('Install, list or remove the libtensorflow engine.');
  command
    .command('install')
    .description('Install libtensorflow into the user cache, by pip or from a package index.')
    .option('--index <address>', 'fetch from this package index instead of asking pip')
    .option('--optional', 'go on with the WebAssembly engine where libtensorflow cannot be had')
    .action(async ({ index, optional }: { index?: string; optional?: boolean }) => {
      const status = createStatusLine(process.stderr, { now: Date.now });
      try {
        const library = await installLibrary({
          ...(index === undefined ? {} : { index }),
          onProgress: ({ phase, done, total }) => total !== undefined && status.update({ phase, done, total }),
        });
        status.end();
        process.stdout.write(`libtensorflow: ${library.folder}\n`);
      } catch (error) {
        status.end();
        if (optional !== true || !(error instanceof SsqlError)) throw error;
        process.stdout.write(
          `libtensorflow is not available, the slower WebAssembly engine is used: ${error.message}\n`,
        );
        if (error.details.hint !== undefined) process.stdout.write(`${error.details.hint}\n`);
      }
    });
  command
    .command('list')
    .description('List what is installed.')
    .action(async () => {
      for (const { version, platform, folder } of await listLibraries())
        process.stdout.write(`${version} ${platform} ${folder}\n`);
    });
  command
    .command('remove')
    .description('Remove the installed libtensorflow.')
    .action(async () => {
      process.stdout.write(`${(await removeLibrary()) ?? 'nothing was installed'}\n`);
    });
  return command;
}
