import { SsqlError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * The pipeline's matrix has no run of that label or number.
 * @remedy Take one of those that are listed.
 */
export function cellUnknown(wanted: string, labels: readonly string[]): SsqlError {
  return new SsqlError('CELL_UNKNOWN', `The pipeline declares no run \`${wanted}\`.`, {
    hint:
      didYouMean(wanted, labels) ?? `Its runs: ${labels.map((label, index) => `${index + 1} (${label})`).join(', ')}.`,
  });
}

/**
 * `ssql init` would overwrite files. It wrote nothing.
 * @remedy Choose another folder, or move the files away.
 */
export function wouldOverwrite(files: readonly string[]): SsqlError {
  return new SsqlError('WOULD_OVERWRITE', `${files.join(', ')} ${files.length === 1 ? 'is' : 'are'} there already.`, {
    hint: 'Nothing was written. Choose another folder, or move the files away.',
  });
}
