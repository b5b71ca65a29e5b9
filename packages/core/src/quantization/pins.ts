import picomatch from 'picomatch';
import type { NetworkDescription } from '../nn/describe.js';
import { PipelineErrors, type Location } from '../errors.js';
import { pinUnmatched, type Unmatched } from './quantization-errors.js';
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
 * @throws PipelineErrors PIN_UNMATCHED for each pattern that matches no site of an operand that it pins
 */
export function pinSites(
  pins: Pins,
  { weightSites, outputSites }: Pick<NetworkDescription, 'weightSites' | 'outputSites'>,
  location: (pattern: string) => Location | undefined,
): PinnedSites {
  const unmatched = new Map<string, Unmatched[]>();
  const weights = new Map<string, Bits>();
  const activations = new Map<string, Bits>();
  for (const [pattern, pin] of Object.entries(pins)) {
    const matches = picomatch(pattern);
    const quantization = [
      { operand: 'weights', sites: weightSites, bits: pin.weights, pinned: weights },
      { operand: 'activations', sites: outputSites, bits: pin.activations, pinned: activations },
    ] as const;
    for (const { operand, sites, bits, pinned } of quantization) {
      if (bits === undefined) continue;
      const matching = sites.filter((site) => matches(site));
      if (matching.length === 0) unmatched.set(pattern, [...(unmatched.get(pattern) ?? []), { operand, sites }]);
      for (const site of matching) pinned.set(site, bits);
    }
  }
  if (unmatched.size > 0)
    throw new PipelineErrors([...unmatched].map(([pattern, at]) => pinUnmatched(pattern, at, location(pattern))));
  return { weights, activations };
}
