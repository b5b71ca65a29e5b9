/** An error caused by the user's input, with a code and, if possible, a hint what to do. */
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
  return new CreateError(
    'FOLDER_MISSING',
    'No folder was named.',
    'Name a folder: npm create ssql@latest my-experiment',
  );
}

export function folderNotEmpty(folder: string, entries: readonly string[]): CreateError {
  const shown = entries.slice(0, 3).join(', ');
  return new CreateError(
    'FOLDER_NOT_EMPTY',
    `${folder} is not empty: it contains ${shown}${entries.length > 3 ? ` and ${entries.length - 3} more` : ''}.`,
    'Nothing was written. Name a new or empty folder.',
  );
}

export function folderIsFile(folder: string): CreateError {
  return new CreateError('FOLDER_IS_FILE', `${folder} is a file.`, 'Name a new or empty folder.');
}

export function nameInvalid(name: string, reason: string, hint: string): CreateError {
  return new CreateError('NAME_INVALID', `\`${name}\` ${reason}.`, hint);
}
