import { SsqlError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * The pipeline's matrix has no run with that label or number.
 * @remedy Use one of the listed runs.
 */
export function cellUnknown(wanted: string, labels: readonly string[]): SsqlError {
  return new SsqlError('CELL_UNKNOWN', `The pipeline has no run \`${wanted}\`.`, {
    hint: didYouMean(wanted, labels) ?? `Runs: ${labels.map((label, index) => `${index + 1} (${label})`).join(', ')}.`,
  });
}

/**
 * `ssql init` would overwrite existing files, so it wrote nothing.
 * @remedy Choose another folder, or move the files away.
 */
export function wouldOverwrite(files: readonly string[]): SsqlError {
  return new SsqlError('WOULD_OVERWRITE', `${files.join(', ')} ${files.length === 1 ? 'exists' : 'exist'} already.`, {
    hint: 'Nothing was written. Choose another folder, or move the files away.',
  });
}
