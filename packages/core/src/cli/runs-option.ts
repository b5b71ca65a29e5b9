import { InvalidArgumentError, Option } from 'commander';

/** `--runs <folder>`. An empty text, as of a variable that is not set, would be the current folder. */
export function runsOption(description = 'the folder of runs'): Option {
  return new Option('--runs <folder>', description).default('runs').argParser((folder) => {
    if (folder === '') throw new InvalidArgumentError('Name a folder.');
    return folder;
  });
}
