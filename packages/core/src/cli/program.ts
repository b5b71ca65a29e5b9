import { Command } from 'commander';
import { readVersion } from '../version.js';
import { completionCommand, completionServerCommand } from './completion.js';
import { diffCommand } from './diff.js';
import { dataCommand } from './data.js';
import { describeCommand } from './describe.js';
import { doctorCommand } from './doctor.js';
import { engineCommand } from './engine.js';
import { examples } from './examples.js';
import { explainCommand } from './explain.js';
import { helpCommand } from './help.js';
import { initCommand } from './init.js';
import { listCommand } from './list.js';
import { previewCommand } from './preview.js';
import { printCommand } from './print.js';
import { reportCommand } from './report.js';
import { runCommand } from './run.js';
import { runsCommand } from './runs.js';
import { schemaCommand } from './schema.js';
import { showCommand } from './show.js';
import { validateCommand } from './validate.js';

const EXIT_STATUSES = `
Exit status:
  0    success
  1    a bug in ssql, or no working engine (doctor)
  2    an error in the pipeline, on the command line or on the machine, with a code
  130  interrupted by Ctrl-C; progress is saved (143 after SIGTERM)`;

/** The command line. Modules of a command are loaded when it is called, so that the program starts quickly. */
export function createProgram(): Command {
  const program = new Command('ssql')
    .description('Train quantization-friendly self-supervised models.')
    .version(readVersion())
    .helpCommand(false); // ours knows commands below commands
  const commands = [
    initCommand(),
    runCommand(),
    validateCommand(),
    printCommand(),
    explainCommand(),
    describeCommand(),
    previewCommand(),
    dataCommand(),
    runsCommand(),
    diffCommand(),
    reportCommand(),
    listCommand(),
    showCommand(),
    schemaCommand(),
    engineCommand(),
    doctorCommand(),
    completionCommand(),
    helpCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  program.addCommand(completionServerCommand(), { hidden: true });
  examples(program, 'ssql init my-experiment', 'ssql run my-experiment/pipeline.yaml', 'ssql help run');
  return program.addHelpText('after', EXIT_STATUSES);
}
