import { definePlugin, type Assigner, type SiteBits } from '@ssql/core';

const NO_ACTIVATIONS: SiteBits['activations'] = new Map();

/** Gives bits to the weights one step at a time, where a bit of size helps most. */
export const assigner = definePlugin({
  kind: 'assigner',
  name: 'template-name',
  summary: 'Raises the width of the layer that gains most for its size, as long as the size of the weights allows it.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: (): Assigner => ({
    budget: 'size',
    bits: { activations: [] }, // they do not count towards the size
    assign({ sites, uniform }) {
      const layers = new Map(uniform.layers.map((layer) => [layer.layer, layer]));
      const size = (site: string, bits: number): number => (layers.get(site)?.parameters ?? 0) * bits;
      const alike = new Map(sites.map(({ site }) => [site, layers.get(site)?.precision.weights as number]));
      let left = sites.reduce((sum, { site }) => sum + size(site, alike.get(site)!), 0);
      const chosen = new Map<string, number>();
      for (const { site, sensitivity } of sites) {
        chosen.set(site, Math.min(...sensitivity.keys()));
        left -= size(site, chosen.get(site)!);
      }
      for (;;) {
        const raises = sites.flatMap(({ site, sensitivity }) => {
          const now = chosen.get(site)!;
          return [...sensitivity.keys()]
            .filter((bits) => bits > now && size(site, bits) - size(site, now) <= left)
            .map((bits) => {
              const cost = size(site, bits) - size(site, now);
              return { site, bits, cost, gain: (sensitivity.get(now)! - sensitivity.get(bits)!) / cost };
            });
        });
        const best = raises.reduce<(typeof raises)[number] | undefined>(
          (most, raise) => (raise.gain > (most?.gain ?? 0) ? raise : most),
          undefined,
        );
        if (best === undefined) break;
        chosen.set(best.site, best.bits);
        left -= best.cost;
      }
      const total = (bits: ReadonlyMap<string, number>): number =>
        sites.reduce((sum, { site, sensitivity }) => sum + (sensitivity.get(bits.get(site)!) ?? Infinity), 0);
      // A greedy choice may be worse than equal widths.
      return { weights: total(chosen) <= total(alike) ? chosen : alike, activations: NO_ACTIVATIONS };
    },
  }),
});

export const plugins = [assigner];
