import { SsqlError, type Location } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * The batch size exceeds the number of training images.
 * @remedy Lower `train.batch`, or use more images.
 */
export function batchTooLarge(batch: number, images: number, location: Location | undefined): SsqlError {
  return new SsqlError('BATCH_TOO_LARGE', `The batch size is ${batch}, but there are only ${images} training images.`, {
    location,
    hint: `Set \`train.batch\` to at most ${images}, or add images.`,
  });
}

/**
 * The loss is NaN or infinite. The last checkpoint is kept.
 * @remedy At the first step, look for numbers that are not finite in the images, the initial weights and the plugins. Later, training diverged: start a run with a lower learning rate, or with a warm-up.
 */
export function lossNotFinite(loss: number, step: number, epoch: number, saved: number): SsqlError {
  return new SsqlError('LOSS_NOT_FINITE', `The loss is ${loss} at step ${step} (epoch ${epoch + 1}).`, {
    hint: divergenceHint(step, saved),
  });
}

/**
 * Training diverged: a weight is NaN or infinite. The weights were not saved; the last checkpoint is kept.
 * @remedy Start a run with a lower learning rate, or with a warm-up.
 */
export function weightsNotFinite(step: number, saved: number): SsqlError {
  return new SsqlError('WEIGHTS_NOT_FINITE', `Weights are not finite after step ${step}; they were not saved.`, {
    hint: divergenceHint(step, saved),
  });
}

function divergenceHint(step: number, saved: number): string {
  if (step === 1)
    return 'No learning rate has had an effect yet. Look for numbers that are not finite in the images, the initial weights and the plugins.';
  const kept =
    saved > 0
      ? `The checkpoint of step ${saved} is kept, but resuming would diverge again. `
      : 'Nothing was saved yet. ';
  return `${kept}Start a run with a lower learning rate, or with a warm-up.`;
}

/**
 * The tensors of a checkpoint do not match the network.
 * @remedy Move the run's folder away, or start the run again under another `--runs` folder.
 */
export function checkpointMismatch(what: string): SsqlError {
  return new SsqlError('CHECKPOINT_MISMATCH', `The checkpoint does not match the pipeline: ${what}.`, {
    hint: "Move the run's folder away, or start the run again under another `--runs` folder.",
  });
}

/**
 * The weights of a finished run do not match the network.
 * @remedy Put back the `weights.safetensors` that the run wrote, or start the run again under another `--runs` folder.
 */
export function weightsMismatch(what: string): SsqlError {
  return new SsqlError('WEIGHTS_MISMATCH', `The weights do not match the pipeline: ${what}.`, {
    hint: 'Put back the `weights.safetensors` that the run wrote, or start the run again under another `--runs` folder.',
  });
}

/**
 * A stage reads the momentum encoder, which a run keeps in its checkpoint only, and the checkpoint is gone or damaged.
 * @remedy Put the run's folder `checkpoints` back, or remove the stage.
 */
export function momentumMissing(): SsqlError {
  return new SsqlError(
    'MOMENTUM_MISSING',
    "The momentum encoder is stored only in the run's folder `checkpoints`, and its checkpoint is gone or damaged.",
    { hint: 'Put it back, or remove the stage. Nothing else needs it.' },
  );
}

/**
 * The file of initial weights (`initial.weights`) does not exist or cannot be read.
 * @remedy Check the path. It is relative to the pipeline's folder.
 */
export function initialFileMissing(file: string, location: Location | undefined, cause: unknown): SsqlError {
  return new SsqlError('INITIAL_FILE_MISSING', `Cannot read the file of weights ${file}.`, { location, cause });
}

/**
 * The tensors of the file of initial weights do not match the network.
 * @remedy Set `initial.prefix` to the common prefix of their names and `initial.ignore` to the tensors to ignore, or change the
 *   backbone's options.
 */
export function initialMismatch(
  file: string,
  problems: readonly string[],
  hint: string | undefined,
  location: Location | undefined,
): SsqlError {
  return new SsqlError('INITIAL_MISMATCH', `The weights of ${file} do not match the network: ${problems.join('; ')}.`, {
    location,
    hint,
  });
}

/**
 * A method or wrapper uses a head that the method does not define, or that its momentum encoder does not copy.
 * @remedy Use one of the listed heads. List the heads that the momentum encoder copies in the method's `momentumHeads`.
 */
export function headUnknown(
  name: string,
  known: readonly string[],
  of: 'method' | 'momentum encoder' = 'method',
): SsqlError {
  return new SsqlError('HEAD_UNKNOWN', `The ${of} has no head \`${name}\`.`, {
    hint: didYouMean(name, known) ?? (known.length > 0 ? `Heads: ${known.join(', ')}.` : 'It has no heads.'),
    ofCaller: true,
  });
}

/**
 * A method uses a momentum encoder that it does not declare, or `nextMemory` returns tensors that do not match `memory`.
 * @remedy Declare `momentum` in the method. List each tensor that `nextMemory` returns in `memory`, with its shape.
 */
export function methodStateInvalid(reason: string): SsqlError {
  return new SsqlError('METHOD_STATE_INVALID', `The method cannot be trained: ${reason}.`, { ofCaller: true });
}

/**
 * A sampler drew a precision outside the bit widths of the pipeline.
 * @remedy Fix the sampler: it must draw from the given sets.
 */
export function samplerInvalid(drawn: string, sets: string): SsqlError {
  return new SsqlError('SAMPLER_INVALID', `The sampler drew ${drawn}; expected bit widths of ${sets}.`);
}

/**
 * A wrapper uses a quantized branch of a step for which no precision is drawn.
 * @remedy Return the number of quantized branches as `precisions`, and count their indexes from 0.
 */
export function branchUnknown(index: number, precisions: number): SsqlError {
  const drawn = precisions === 0 ? 'none' : precisions === 1 ? 'only the index 0' : `0 to ${precisions - 1}`;
  return new SsqlError(
    'BRANCH_UNKNOWN',
    `There is no quantized branch ${index}: \`precisions\` is ${precisions}, so the indexes are ${drawn}.`,
    { ofCaller: true },
  );
}

/**
 * The gradient of a training step cannot be computed: a plugin's own gradient fails, or has another shape than its input.
 * @remedy Read the reason in the message, and fix the custom gradient of the quantizer, observer or loss that it describes.
 */
export function gradientFailed(cause: unknown): SsqlError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SsqlError('GRADIENT_FAILED', `The gradient of the loss cannot be computed: ${reason}`, {
    hint: 'A plugin defines a gradient of its own (`customGradient`); it must have the shape of its input.',
    cause,
  });
}

/**
 * A wrapper names precisions that do not exist.
 * @remedy Fix the wrapper: `precisions` must be a whole number, or a list of `max`, `min` and `random`.
 */
export function wrapperInvalid(reason: string): SsqlError {
  return new SsqlError(
    'WRAPPER_INVALID',
    `The wrapper cannot be used: ${reason}; expected a whole number, or a list of max, min and random.`,
  );
}
