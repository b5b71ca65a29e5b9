import { SsqlError, type Location } from '../errors.js';
import { didYouMean } from '../nearest-name.js';
import { shown } from '../values.js';

/**
 * `monitor` contains a stage that processes all runs. It can only contain stages that process a single run.
 * @remedy Move it from `monitor` to `stages`.
 */
export function monitorInvalid(name: string, location?: Location): SsqlError {
  return new SsqlError(
    'MONITOR_INVALID',
    `The stage \`${name}\` processes all runs; \`monitor\` accepts only stages that process a single run.`,
    { location, hint: 'Move it from `monitor` to `stages`.' },
  );
}

/**
 * A stage needs labels, but images that it gets have none.
 * @remedy Choose labelled splits with `evaluation.train` and `evaluation.test`, or remove the stage.
 */
export function labelsMissing(stage: string, split: string, location: Location | undefined): SsqlError {
  return new SsqlError(
    'LABELS_MISSING',
    `The stage \`${stage}\` needs labels, but the images of the split \`${split}\` have none.`,
    { location, hint: 'Choose labelled splits with `evaluation.train` and `evaluation.test`, or remove the stage.' },
  );
}

/**
 * A stage records a result that is not one, such as a value that is NaN. Files of results cannot contain it.
 * @remedy Fix the stage. If a value cannot be computed, the stage must leave it out, or stop with an error.
 */
export function resultInvalid(recorded: string, expected: string): SsqlError {
  return new SsqlError('RESULT_INVALID', `It records ${recorded}; expected ${expected}.`, {
    hint: 'If a value cannot be computed, leave it out, or stop with an error.',
    ofCaller: true,
  });
}

/**
 * The weights of a network do not fit into memory, or one of its tensors has more elements than engines can count.
 * @remedy Make the network smaller, such as its `width`, or use a machine with more memory. `ssql describe` prints sizes.
 */
export function networkTooLarge(weights: number, reason: string, location: Location | undefined): SsqlError {
  return new SsqlError('NETWORK_TOO_LARGE', `The networks have ${weights} weights: ${reason}.`, {
    location,
    hint: 'Make the network smaller, or use a machine with more memory. `ssql describe` prints sizes.',
  });
}

/**
 * A program passes an option that does not exist to `runPipeline` or `planPipeline`.
 * @remedy Fix or remove the option. README lists those that exist.
 */
export function runOptionUnknown(name: string, known: readonly string[]): SsqlError {
  return new SsqlError('RUN_OPTION_UNKNOWN', `There is no option \`${name}\`.`, {
    hint: didYouMean(name, known) ?? `Options are ${known.map((option) => `\`${option}\``).join(', ')}.`,
  });
}

/**
 * A program passes a value of the wrong type to `runPipeline` or `planPipeline`.
 * @remedy Pass what the message expects.
 */
export function runOptionInvalid(what: string, value: unknown, expected: string): SsqlError {
  return new SsqlError('RUN_OPTION_INVALID', `Expected ${expected} for ${what}, found ${shown(value)}.`);
}
