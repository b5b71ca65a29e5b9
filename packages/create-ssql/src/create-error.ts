/** An error of the user's making. It has a code, and a hint where there is something to do about it. */
export class CreateError extends Error {
  override readonly name = 'CreateError';
  constructor(
    readonly code: string,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

export function folderMissing(): CreateError {
  return new CreateError('FOLDER_MISSING', 'Which folder is to be made?', 'npm create ssql@latest my-experiment');
}

export function folderNotEmpty(folder: string, found: readonly string[]): CreateError {
  const shown = found.slice(0, 3).join(', ');
  return new CreateError(
    'FOLDER_NOT_EMPTY',
    `${folder} is not empty: it holds ${shown}${found.length > 3 ? `, and ${found.length - 3} more` : ''}.`,
    'Nothing was written. Name a folder that is new or empty.',
  );
}

export function folderIsFile(folder: string): CreateError {
  return new CreateError('FOLDER_IS_FILE', `${folder} is a file.`, 'Name a folder that is new or empty.');
}

export function nameInvalid(name: string, reason: string, hint: string): CreateError {
  return new CreateError('NAME_INVALID', `\`${name}\` ${reason}.`, hint);
}
