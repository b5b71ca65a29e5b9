import { Command } from 'commander';
import { readVersion } from '../version.js';
import { completionCommand, completionServerCommand } from './completion.js';
import { diffCommand } from './diff.js';
import { describeCommand } from './describe.js';
import { doctorCommand } from './doctor.js';
import { engineCommand } from './engine.js';
import { examples } from './examples.js';
import { explainCommand } from './explain.js';
import { initCommand } from './init.js';
import { listCommand } from './list.js';
import { printCommand } from './print.js';
import { runCommand } from './run.js';
import { runsCommand } from './runs.js';
import { schemaCommand } from './schema.js';
import { showCommand } from './show.js';
import { validateCommand } from './validate.js';

const EXIT_STATUSES = `
Exit status:
  0    all is well
  1    a fault in ssql itself, or no engine that works (doctor)
  2    an error of the pipeline, the command line or the machine; it has a code
  130  interrupted; what was reached is saved`;

/** The command line. What a command needs is loaded when it is called: the program itself is there at once. */
export function createProgram(): Command {
  const program = new Command('ssql')
    .description('Train quantization-friendly self-supervised models.')
    .version(readVersion());
  const commands = [
    initCommand(),
    runCommand(),
    validateCommand(),
    printCommand(),
    explainCommand(),
    describeCommand(),
    runsCommand(),
    diffCommand(),
    listCommand(),
    showCommand(),
    schemaCommand(),
    engineCommand(),
    doctorCommand(),
    completionCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  program.addCommand(completionServerCommand(), { hidden: true });
  examples(program, 'ssql init my-experiment', 'ssql run my-experiment/pipeline.yaml', 'ssql help run');
  return program.addHelpText('after', EXIT_STATUSES);
}
