import { Argument, Command } from 'commander';
import { examples } from './examples.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
const SERVER = 'completion-server';

/** `ssql completion <shell>`: prints a script for completing commands, options, plugins, kinds, files and runs. */
export function completionCommand(): Command {
  const command = new Command('completion')
    .description('Print a completion script for a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { default: tabtab } = await import('@pnpm/tabtab');
      process.stdout.write(await tabtab.getCompletionScript({ name: 'ssql', completer: 'ssql', shell }));
    });
  return examples(
    command,
    'source <(ssql completion bash)     in ~/.bashrc',
    'source <(ssql completion zsh)      in ~/.zshrc, after compinit',
    'ssql completion fish | source      in ~/.config/fish/config.fish',
  );
}

/** The command that the script calls, with the current line in the environment. */
export function completionServerCommand(): Command {
  return new Command(SERVER).allowExcessArguments().action(async (_flags: object, command: Command) => {
    const [{ default: tabtab }, { candidates }] = await Promise.all([
      import('@pnpm/tabtab'),
      import('./candidates.js'),
    ]);
    const { partial } = tabtab.parseEnv(process.env);
    const [, ...words] = partial.split(/\s+/);
    const program = command.parent;
    if (program) tabtab.log(await candidates(program, words), tabtab.getShellFromEnv(process.env));
  });
}
