import { cancel, type CANCEL_SYMBOL, type CommonOptions, intro, isCancel, select, text } from '@clack/prompts';
import { CreateError } from './create-error.js';
import { projectName } from './project-name.js';
import { TEMPLATE_NAMES, TEMPLATES, type TemplateName } from './template.js';

/** Settings of a project; those missing on the command line are asked for. */
export interface Answers {
  readonly folder: string;
  readonly template: TemplateName;
}

/** Streams of the terminal; default: those of the process. */
export type Terminal = Pick<CommonOptions, 'input' | 'output'>;

/** Asks in the terminal for missing answers. @returns undefined if the user cancels */
export async function ask(known: Partial<Answers>, terminal: Terminal = {}): Promise<Answers | undefined> {
  intro('ssql', terminal);
  const template = known.template ?? (await askTemplate(terminal));
  const folder = isCancel(template) ? template : (known.folder ?? (await askFolder(template, terminal)));
  if (!isCancel(template) && !isCancel(folder)) return { folder, template };
  cancel('Nothing was written.', terminal);
  return undefined;
}

function askTemplate(terminal: Terminal): Promise<TemplateName | typeof CANCEL_SYMBOL> {
  return select({
    ...terminal,
    message: 'What do you want to create?',
    options: TEMPLATE_NAMES.map((value) => ({ value, label: value, hint: TEMPLATES[value].summary })),
  });
}

function askFolder(template: TemplateName, terminal: Terminal): Promise<string | typeof CANCEL_SYMBOL> {
  const suggestion = `my-${template}`;
  return text({
    ...terminal,
    message: 'In which folder?',
    placeholder: suggestion,
    defaultValue: suggestion,
    validate: (folder) => problemOf(folder || suggestion, template),
  });
}

function problemOf(folder: string, template: TemplateName): string | undefined {
  try {
    projectName(folder, TEMPLATES[template]);
    return undefined;
  } catch (error) {
    if (!(error instanceof CreateError)) throw error;
    return `${error.message} ${error.hint ?? ''}`;
  }
}
