import picomatch from 'picomatch';
import type { NetworkDescription } from '../nn/describe.js';
import type { Location } from '../errors.js';
import { pinUnmatched } from './quantization-errors.js';
import type { Bits, Precision } from './precision.js';

/** Bit widths that sites keep at every precision that quantizes their operand. */
export interface PinnedSites {
  readonly weights: ReadonlyMap<string, Bits>;
  readonly activations: ReadonlyMap<string, Bits>;
}

/** Fixed precisions by a glob over layer and site names; an omitted operand is not pinned. */
export type Pins = { readonly [pattern: string]: Partial<Precision> };

/**
 * Finds the sites of each pin. If several patterns match a site, the last one counts.
 * @param location the location of a pattern in the pipeline
 * @throws SsqlError PIN_UNMATCHED if a pattern matches no site of an operand that it pins
 */
export function pinSites(
  pins: Pins,
  { weightSites, outputSites }: Pick<NetworkDescription, 'weightSites' | 'outputSites'>,
  location: (pattern: string) => Location | undefined,
): PinnedSites {
  const weights = new Map<string, Bits>();
  const activations = new Map<string, Bits>();
  for (const [pattern, pin] of Object.entries(pins)) {
    const matches = picomatch(pattern);
    const quantization = [
      { sites: weightSites, bits: pin.weights, pinned: weights },
      { sites: outputSites, bits: pin.activations, pinned: activations },
    ];
    for (const { sites, bits, pinned } of quantization) {
      if (bits === undefined) continue;
      const matching = sites.filter((site) => matches(site));
      if (matching.length === 0) throw pinUnmatched(pattern, sites, location(pattern));
      for (const site of matching) pinned.set(site, bits);
    }
  }
  return { weights, activations };
}
