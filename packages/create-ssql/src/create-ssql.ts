import { Command, Option } from 'commander';
import { ask, type Answers } from './ask.js';
import { CreateError, folderMissing } from './create-error.js';
import { createProject } from './create-project.js';
import { readManifest } from './dependency-versions.js';
import { nextSteps } from './next-steps.js';
import { TEMPLATE_NAMES, TEMPLATES, type TemplateName } from './template.js';

const program = new Command('create-ssql')
  .description('Create an ssql experiment or a plugin package.')
  .version((await readManifest()).version)
  .argument('[folder]', 'the folder to create; its name becomes the name of the experiment or the plugin')
  .addOption(new Option('-t, --template <name>', 'what to create; default: experiment').choices(TEMPLATE_NAMES))
  .addHelpText(
    'after',
    `
Templates:
${TEMPLATE_NAMES.map((name) => `  ${name.padEnd(14)}${TEMPLATES[name].summary}`).join('\n')}

In a terminal, missing arguments are asked for. Existing files are never overwritten.

Examples:
  npm create ssql@latest
  npm create ssql@latest my-experiment
  npm create ssql@latest my-quantizer -- --template quantizer`,
  )
  .action(async (folder: string | undefined, { template }: { readonly template?: TemplateName }) => {
    const answers = await complete({ ...(folder && { folder }), ...(template && { template }) });
    if (answers === undefined) {
      process.exitCode = 130; // as after Ctrl-C
      return;
    }
    const files = await createProject(answers.folder, answers.template);
    process.stdout.write(
      `Created ${answers.folder} with ${files.length} files: ${TEMPLATES[answers.template].summary}.\n\n`,
    );
    process.stdout.write(nextSteps(answers.folder, answers.template));
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CreateError)) throw error;
  process.stderr.write(`${error.code} ${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`);
  process.exitCode = 2;
}

async function complete(known: Partial<Answers>): Promise<Answers | undefined> {
  const { folder, template } = known;
  if (folder !== undefined && template !== undefined) return { folder, template };
  if (process.stdin.isTTY) return ask(known);
  if (folder === undefined) throw folderMissing();
  return { folder, template: 'experiment' };
}
