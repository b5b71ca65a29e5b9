import { NETWORKS } from '../container/composition.js';
import { tokenOf } from '../container/plan.js';
import { openProcess } from '../container/process-scope.js';
import { runServices } from '../container/run-scope.js';
import { within } from '../container/scope.js';
import type { NetworkDescription, Parameter } from '../nn/describe.js';
import type { LoadedCell, LoadedPipeline } from '../pipeline/load.js';
import { costAt } from '../evaluate/cost-at.js';
import type { NetworkCost } from '../kinds/assigner.js';
import { formatEvaluationPrecision, parseEvaluationPrecision } from '../quantization/evaluation-precision.js';
import { FLOAT, formatPrecision } from '../quantization/precision.js';
import type { ImageShape } from '../kinds/augmentation.js';
import { assembleModel } from '../train/model.js';

export interface PipelineDescription {
  readonly image: ImageShape;
  readonly backbone: NetworkDescription;
  /** Parameters of the other trained networks, by name. */
  readonly others: { readonly [network: string]: number };
  /** Costs of the backbone at float and at each precision that a stage names; `mixed-w4a4` as w4a4, its upper limit; all calibrations alike. */
  readonly costs: readonly { readonly precision: string; readonly cost: NetworkCost }[];
}

/**
 * Describes the networks of a cell, without an engine.
 * @param input the shape of an image; default: the shape of the cell's data
 * @throws SsqlError NETWORK_INVALID, PIN_UNMATCHED, and what plugins throw
 */
export async function describePipeline(
  loaded: LoadedPipeline,
  cell: LoadedCell,
  input: ImageShape | undefined,
): Promise<PipelineDescription> {
  const { pipeline, location } = cell;
  return within(await openProcess(loaded), async (process) =>
    within(await process.open('run', runServices(loaded, cell)), async (run) => {
      const image = input ?? (await run.get(tokenOf<'data'>(['data']))).shape;
      // Two images, because batch norm rejects a batch of one.
      const model = assembleModel(await run.get(NETWORKS), [2, ...image], location);
      const precisions = new Set([formatPrecision(FLOAT), ...precisionsIn(pipeline.stages)]);
      return {
        image,
        backbone: model.backboneDescription,
        others: countOthers(model.parameters, model.backboneDescription),
        costs: [...precisions].map((precision) => {
          return { precision, cost: costAt(model, image, parseEvaluationPrecision(precision) ?? FLOAT) };
        }),
      };
    }),
  );
}

/** All precisions in the options of stages. */
function precisionsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    const precision = parseEvaluationPrecision(value);
    if (precision === undefined) return [];
    const { weights, activations, folded = false } = precision;
    return [formatEvaluationPrecision({ weights, activations, folded })];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(precisionsIn) : [];
}

function countOthers(
  parameters: readonly Parameter[],
  backbone: NetworkDescription,
): { readonly [network: string]: number } {
  const ofBackbone = new Set(backbone.parameters.map(({ name }) => name));
  const counts: { [network: string]: number } = {};
  for (const { name, shape } of parameters) {
    if (ofBackbone.has(name)) continue;
    const network = name.split('.')[0] ?? '';
    counts[network] = (counts[network] ?? 0) + shape.reduce((product, length) => product * length, 1);
  }
  return counts;
}
