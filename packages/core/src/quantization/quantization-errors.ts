import { SsqlError, type Location } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * The pattern of a pin matches no quantization site, so it would have no effect.
 * @remedy Use one of the listed sites.
 */
export function pinUnmatched(
  pattern: string,
  unmatched: readonly Unmatched[],
  location: Location | undefined,
): SsqlError {
  const sites = [...new Set(unmatched.flatMap((each) => each.sites))];
  const of = unmatched.length === 1 ? ` of ${unmatched[0]!.operand}` : '';
  return new SsqlError('PIN_UNMATCHED', `The pin \`${pattern}\` matches no quantization site${of}.`, {
    location,
    hint: didYouMean(pattern, sites) ?? `Sites${of}: ${sites.join(', ')}.`,
  });
}

/** An operand of which a pin matches no site, and its sites. */
export interface Unmatched {
  readonly operand: 'weights' | 'activations';
  readonly sites: readonly string[];
}

/**
 * At a bit width that the pipeline asks for, a quantizer rounds all numbers to one value. For example, the symmetric `uniform` rounds all
 * weights to 0 at 1 bit. The network would compute nothing.
 * @remedy Use more bits, or a quantizer with two levels at 1 bit: `binary`, or `uniform` with `symmetric: false`.
 */
export function quantizerOneLevel(bits: number, quantizer: string, location: Location | undefined): SsqlError {
  return new SsqlError(
    'QUANTIZER_ONE_LEVEL',
    `At ${bits} ${bits === 1 ? 'bit' : 'bits'}, ${quantizer} rounds all numbers to the same value, so the network would compute nothing.`,
    {
      location,
      hint: 'Use more bits, or a quantizer with two levels at 1 bit: `binary`, or `uniform` with `symmetric: false`.',
    },
  );
}

/**
 * A precision names a calibration that the pipeline does not have.
 * @remedy Use one of the listed names, or add it to `evaluation.calibrations`.
 */
export function calibrationUnknown(
  name: string,
  known: readonly string[],
  location: Location | undefined = undefined,
): SsqlError {
  const listed =
    known.length > 0
      ? `Calibrations: ${known.map((each) => `\`${each}\``).join(', ')}.`
      : 'Add it to `evaluation.calibrations`.';
  return new SsqlError('CALIBRATION_UNKNOWN', `\`evaluation.calibrations\` has no \`${name}\`.`, {
    location,
    hint: didYouMean(name, known) ?? listed,
  });
}

/**
 * A wrapper quantizes an output whose range was not observed by a float pass of the step.
 * @remedy In the wrapper, run the float branch before the quantized branches.
 */
export function notCalibrated(site: string): SsqlError {
  return new SsqlError(
    'NOT_CALIBRATED',
    `The output ${site} is quantized before a float pass has observed its range.`,
    {
      hint: 'In the wrapper, run the float branch first: it calibrates the quantized branches of the step.',
    },
  );
}
