import { cancel, type CANCEL_SYMBOL, intro, isCancel, select, text } from '@clack/prompts';
import { CreateError } from './create-error.js';
import { projectName } from './project-name.js';
import { TEMPLATE_NAMES, TEMPLATES, type TemplateName } from './template.js';

/** What the command line may leave out. */
export interface Answers {
  readonly folder: string;
  readonly template: TemplateName;
}

/** Asks in the terminal for what is missing. @returns nothing where the user cancels */
export async function ask(given: Partial<Answers>): Promise<Answers | undefined> {
  intro('ssql');
  const template = given.template ?? (await askTemplate());
  const folder = isCancel(template) ? template : (given.folder ?? (await askFolder(template)));
  if (!isCancel(template) && !isCancel(folder)) return { folder, template };
  cancel('Nothing was written.');
  return undefined;
}

function askTemplate(): Promise<TemplateName | typeof CANCEL_SYMBOL> {
  return select({
    message: 'What is to be made?',
    options: TEMPLATE_NAMES.map((value) => ({ value, label: value, hint: TEMPLATES[value].summary })),
  });
}

function askFolder(template: TemplateName): Promise<string | typeof CANCEL_SYMBOL> {
  const suggestion = `my-${template}`;
  return text({
    message: 'In which folder?',
    placeholder: suggestion,
    defaultValue: suggestion,
    validate: (folder) => complaint(folder || suggestion, template),
  });
}

function complaint(folder: string, template: TemplateName): string | undefined {
  try {
    projectName(folder, TEMPLATES[template]);
    return undefined;
  } catch (error) {
    if (!(error instanceof CreateError)) throw error;
    return `${error.message} ${error.hint ?? ''}`;
  }
}
