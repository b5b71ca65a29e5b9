import type { BitAssignment } from '../kinds/run-record.js';
import { SsqlError, withLocation, type Location } from '../errors.js';
import { assignmentInvalid } from './evaluate-errors.js';
import { budgeted, type Assigner, type SiteBits, type SiteSensitivity } from '../kinds/assigner.js';
import { costOf } from './cost.js';
import { formatEvaluationPrecision, type EvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { PinnedSites } from '../quantization/pins.js';
import type { Bits } from '../quantization/precision.js';
import type { Operand } from '../kinds/quantizer.js';
import type { BitSets } from '../kinds/sampler.js';
import type { FrozenBackbone } from './frozen-backbone.js';
import { sensitivities } from './sensitivities.js';

/** How bits are assigned to sites at mixed precisions. */
export interface MixedPrecision {
  readonly assigner: Assigner;
  /** The bit widths that training draws from. */
  readonly bits: BitSets;
  /** The location of the assigner in the pipeline. */
  readonly location?: Location;
  /** Called with each assignment, for example at `mixed-w4a4`. */
  assigned(precision: string, assignment: BitAssignment): Promise<void>;
}

/**
 * The bits of all sites that a pin or the assigner fixes at a mixed precision.
 * @throws SsqlError ASSIGNMENT_INVALID, and what the assigner throws
 */
export type AssignBits = (precision: EvaluationPrecision) => Promise<PinnedSites>;

/** Assigns bits to the sites of a backbone. Sensitivities are measured once per operand and candidate widths. */
export function bitAssignments(backbone: FrozenBackbone, mixed: MixedPrecision): AssignBits {
  const { assigner, bits, location, assigned } = mixed;
  const { model, dataset } = backbone.frozen;
  const { pins } = model.quantization;
  const measured = new Map<string, Promise<readonly SiteSensitivity[]>>();
  const measure = (operand: Operand, widths: readonly number[]): Promise<readonly SiteSensitivity[]> => {
    const key = `${operand} ${widths.join()}`;
    const known = measured.get(key) ?? sensitivities(backbone, operand, widths);
    measured.set(key, known);
    return known;
  };
  const assign: AssignBits = async (precision) => {
    const name = formatEvaluationPrecision(precision);
    const sites: SiteSensitivity[] = [];
    for (const operand of OPERANDS) {
      const widths = candidates(precision[operand], assigner.bits?.[operand], bits[operand]);
      if (widths.length > 0) sites.push(...(await measure(operand, widths)));
    }
    const uniform = costOf(model.backbone, dataset.shape, precision, pins);
    const chosen = await assigner.assign({ sites, uniform });
    refuseUnasked(chosen, sites, name);
    const all: PinnedSites = {
      weights: new Map([...pins.weights, ...chosen.weights]),
      activations: new Map([...pins.activations, ...chosen.activations]),
    };
    const cost = costOf(model.backbone, dataset.shape, precision, all);
    const [spent, budget] = [budgeted(assigner.budget, cost), budgeted(assigner.budget, uniform)];
    if (spent > budget) throw assignmentInvalid(name, `a ${assigner.budget} of ${spent}`, `at most ${budget}`);
    await assigned(name, {
      budget: assigner.budget,
      uniform: { bops: uniform.bops, bytes: uniform.bytes },
      mixed: { bops: cost.bops, bytes: cost.bytes },
      sites: sites.map(({ operand, site, sensitivity }) => ({
        operand,
        site,
        bits: chosen[operand].get(site) ?? (precision[operand] as number), // a float operand has no sites here
        sensitivity: Object.fromEntries(sensitivity),
      })),
    });
    return all;
  };
  return (precision) =>
    assign(precision).catch((error: unknown) => {
      throw error instanceof SsqlError ? withLocation(error, location) : error;
    });
}

const OPERANDS: readonly Operand[] = ['weights', 'activations'];

/** The candidate bit widths of an operand's sites; empty if there is no choice. */
function candidates(uniform: Bits, asked: readonly number[] | undefined, drawn: readonly number[]): readonly number[] {
  if (uniform === 'float') return [];
  return (asked ?? [...new Set([...drawn, uniform])]).toSorted((a, b) => a - b);
}

function refuseUnasked(chosen: SiteBits, sites: readonly SiteSensitivity[], precision: string): void {
  for (const operand of OPERANDS)
    for (const [site, bits] of chosen[operand]) {
      const known = sites.find((candidate) => candidate.operand === operand && candidate.site === site)?.sensitivity;
      const expected = known ? `one of ${[...known.keys()].join(', ')}` : 'none, because the site has no choice';
      if (!known?.has(bits)) throw assignmentInvalid(precision, `${bits} bits for the ${operand} of ${site}`, expected);
    }
}
