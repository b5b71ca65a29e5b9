import { Command } from 'commander';
import { didYouMean } from '../nearest-name.js';
import { examples } from './examples.js';

/** `ssql help [command...]`: prints the help of a command, also of one below another: `ssql help data get`. */
export function helpCommand(): Command {
  const command = new Command('help')
    .description('Show the help of a command.')
    .argument('[command...]', 'the command: its name, and that of the command below it')
    .action((names: readonly string[], _flags: object, { parent }: Command) => {
      if (parent) names.reduce(commandBelow, parent).outputHelp();
    });
  return examples(command, 'ssql help run', 'ssql help data get');
}

function commandBelow(above: Command, name: string): Command {
  const below = above.commands.find((each) => each.name() === name);
  if (below) return below;
  const hint = didYouMean(
    name,
    above
      .createHelp()
      .visibleCommands(above)
      .map((each) => each.name()),
  );
  return above.error([`error: unknown command '${name}'`, ...(hint === undefined ? [] : [`(${hint})`])].join('\n'));
}
