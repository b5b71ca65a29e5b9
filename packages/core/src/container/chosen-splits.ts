import { SsqlError, type Location } from '../errors.js';
import type { Dataset } from '../kinds/data.js';
import { didYouMean } from '../nearest-name.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { LoadedCell } from '../pipeline/load.js';

/** The dataset, with the split that `train.split` names as `train`. */
export function trainingData({ pipeline, location }: ChosenBy, dataset: Dataset): Dataset {
  return chosen(dataset, { train: pipeline.train.split }, () => location(['train', 'split']));
}

/** The dataset, with the splits that `evaluation.train` and `evaluation.test` name as `train` and `test`. */
export function evaluationData({ pipeline, location }: ChosenBy, dataset: Dataset): Dataset {
  return chosen(dataset, evaluatedSplits(pipeline), (key) => location(['evaluation', key]));
}

/** The names of the splits that evaluation chose. */
export function evaluatedSplits({ evaluation: { train = 'train', test = 'test' } }: Pick<Pipeline, 'evaluation'>): {
  readonly train: string;
  readonly test: string;
} {
  return { train, test };
}

type ChosenBy = Pick<LoadedCell, 'pipeline' | 'location'>;

function chosen(
  dataset: Dataset,
  names: { readonly train?: string | undefined; readonly test?: string },
  locate: (key: 'train' | 'test') => Location | undefined,
): Dataset {
  const splits = { ...dataset.splits, train: dataset.train, test: dataset.test };
  const at = (key: 'train' | 'test') => {
    const name = names[key] ?? key;
    const split = Object.hasOwn(splits, name) ? splits[name as keyof typeof splits] : undefined;
    if (split === undefined) throw splitUnknown(name, Object.keys(splits), dataset.name, locate(key));
    return split;
  };
  return { ...dataset, train: at('train'), test: at('test') };
}

/**
 * A pipeline chooses a split that the data does not have.
 * @remedy Use one of the listed splits. Some exist only with an option of the data, such as `validation`.
 */
function splitUnknown(name: string, known: readonly string[], data: string, location: Location | undefined): SsqlError {
  const list = `Splits: ${known.map((split) => `\`${split}\``).join(', ')}.`;
  const nearest = didYouMean(name, known);
  return new SsqlError('SPLIT_UNKNOWN', `The data \`${data}\` has no split \`${name}\`.`, {
    location,
    hint: nearest === undefined ? list : `${nearest} ${list}`,
  });
}
