import { basename, resolve } from 'node:path';
import validatePackageName from 'validate-npm-package-name';
import { nameInvalid } from './create-error.js';
import type { Template } from './template.js';

/**
 * The name of a project: the name of its folder, for a plugin without the prefix `ssql-plugin-`.
 * @throws CreateError NAME_INVALID if npm or ssql would reject the name
 */
export function projectName(folder: string, { packagePrefix, namePattern }: Template): string {
  const base = basename(resolve(folder));
  const name = base.startsWith(packagePrefix) ? base.slice(packagePrefix.length) : base;
  if (!namePattern.test(name)) {
    const plugin = packagePrefix !== '';
    throw nameInvalid(
      name,
      `cannot be the name of ${plugin ? 'a plugin' : 'an experiment'}`,
      plugin
        ? 'Use lowercase letters and digits, in words joined by `-`: my-quantizer.'
        : 'Use lowercase letters, digits, `.`, `_` and `-`, and start with a letter or a digit: my-experiment.',
    );
  }
  const packageName = packagePrefix + name;
  const { validForNewPackages, errors = [], warnings = [] } = validatePackageName(packageName);
  if (!validForNewPackages)
    throw nameInvalid(
      packageName,
      'cannot be the name of a package',
      `npm rejects it: ${[...errors, ...warnings].join('; ')}.`,
    );
  return name;
}
