import { evaluatedSplits } from '../container/chosen-splits.js';
import type { Dataset } from '../kinds/data.js';
import type { Stage } from '../kinds/stage.js';
import type { LoadedCell } from '../pipeline/load.js';

/**
 * The split without labels that keeps a stage from running; `undefined` if the stage can run.
 * @param evaluated the dataset with the splits that evaluation chose
 */
export function unlabelledSplit(
  stage: Stage,
  evaluated: Pick<Dataset, 'train' | 'test'>,
  { pipeline }: Pick<LoadedCell, 'pipeline'>,
): string | undefined {
  if (stage.scope !== 'run' || stage.needsLabels !== true) return undefined;
  const unlabelled = (['train', 'test'] as const).find((key) => evaluated[key].labels === undefined);
  return unlabelled && evaluatedSplits(pipeline)[unlabelled];
}

/** Whether the pipeline leaves out a stage, because it needs labels and there are none. */
export function isLeftOut(
  stage: Stage,
  evaluated: Pick<Dataset, 'train' | 'test'>,
  cell: Pick<LoadedCell, 'pipeline'>,
): boolean {
  return cell.pipeline.evaluation.unlabelled === 'skip' && unlabelledSplit(stage, evaluated, cell) !== undefined;
}
