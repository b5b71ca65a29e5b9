import { SsqlError, type Location } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * A batch has more images than there are to train on.
 * @remedy Lower `train.batch`, or use more images.
 */
export function batchTooLarge(batch: number, images: number, location: Location | undefined): SsqlError {
  return new SsqlError('BATCH_TOO_LARGE', `A batch has ${batch} images, but there are ${images} to train on.`, {
    location,
  });
}

/**
 * The training diverged: the loss is NaN or infinite. The last checkpoint is kept.
 * @remedy Lower the learning rate or warm it up, and start the run anew with `--fresh`.
 */
export function lossNotFinite(loss: number, step: number, epoch: number, saved: number): SsqlError {
  return new SsqlError('LOSS_NOT_FINITE', `The loss is ${loss} at step ${step} (epoch ${epoch + 1}).`, {
    hint: divergenceHint(saved),
  });
}

/**
 * The training diverged: a weight is NaN or infinite. It was not saved; the last checkpoint is kept.
 * @remedy Lower the learning rate or warm it up, and start the run anew with `--fresh`.
 */
export function weightsNotFinite(step: number, saved: number): SsqlError {
  return new SsqlError('WEIGHTS_NOT_FINITE', `Weights are not finite after step ${step}; they were not saved.`, {
    hint: divergenceHint(saved),
  });
}

function divergenceHint(saved: number): string {
  const kept =
    saved > 0 ? `The checkpoint of step ${saved} is kept; its learning rate led here. ` : 'Nothing was saved yet. ';
  return `${kept}Start a run with a lower learning rate, or with a warm-up.`;
}

/**
 * The tensors of a checkpoint are not those of this network.
 * @remedy Start the run anew with `--fresh`.
 */
export function checkpointMismatch(what: string): SsqlError {
  return new SsqlError('CHECKPOINT_MISMATCH', `The checkpoint is not one of this pipeline: ${what}.`, {
    hint: 'Start the run anew with --fresh.',
  });
}

/**
 * The file that a pipeline takes its first weights from (`initial.weights`) does not exist or cannot be read.
 * @remedy Check the path; it starts at the pipeline's folder.
 */
export function initialFileMissing(file: string, location: Location | undefined, cause: unknown): SsqlError {
  return new SsqlError('INITIAL_FILE_MISSING', `There is no file of weights ${file}.`, { location, cause });
}

/**
 * The tensors of the file that a pipeline takes its first weights from are not those of its networks.
 * @remedy Say with `initial.prefix` what their names begin with, and with `initial.ignore` which ones to leave out; or change the
 *   backbone's options.
 */
export function initialMismatch(
  file: string,
  problems: readonly string[],
  hint: string | undefined,
  location: Location | undefined,
): SsqlError {
  return new SsqlError('INITIAL_MISMATCH', `The weights of ${file} do not fit: ${problems.join('; ')}.`, {
    location,
    hint,
  });
}

/**
 * A method or wrapper names a head that the method has not made.
 * @remedy Take one of the heads that are listed.
 */
export function headUnknown(name: string, known: readonly string[]): SsqlError {
  return new SsqlError('HEAD_UNKNOWN', `The method has no head \`${name}\`.`, {
    hint: didYouMean(name, known) ?? `Its heads: ${known.join(', ')}.`,
  });
}

/**
 * A method uses a momentum encoder that it does not declare, or remembers something else than its memory.
 * @remedy Give the method `momentum`; list in `memory` each tensor that `remember` returns, with its shape.
 */
export function methodStateInvalid(reason: string): SsqlError {
  return new SsqlError('METHOD_STATE_INVALID', `The method cannot be trained: ${reason}.`);
}

/**
 * A sampler drew a precision outside the bit widths of the pipeline.
 * @remedy Mend the sampler: it draws from the sets that it is given.
 */
export function samplerInvalid(drawn: string, sets: string): SsqlError {
  return new SsqlError('SAMPLER_INVALID', `The sampler drew ${drawn}; expected bit widths of ${sets}.`);
}
