import { SsqlError, type Location } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * A pin's pattern matches no layer of the network: it would do nothing.
 * @remedy Take one of the sites that are listed.
 */
export function pinUnmatched(pattern: string, sites: readonly string[], location: Location | undefined): SsqlError {
  return new SsqlError('PIN_UNMATCHED', `The pin \`${pattern}\` matches no quantization site.`, {
    location,
    hint: didYouMean(pattern, sites) ?? `Sites: ${sites.join(', ')}.`,
  });
}

/**
 * A wrapper quantizes an output whose range no float pass of the step has observed.
 * @remedy In the wrapper, run the float branch before the quantized ones.
 */
export function notCalibrated(site: string): SsqlError {
  return new SsqlError(
    'NOT_CALIBRATED',
    `The output ${site} is quantized, but no float pass came before that observed it.`,
    {
      hint: "A wrapper runs the float branch first: its passes calibrate the step's quantized branches.",
    },
  );
}
