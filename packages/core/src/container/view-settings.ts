import type { Augmentation } from '../kinds/augmentation.js';
import type { LoadedCell } from '../pipeline/load.js';
import type { Path } from '../pipeline/locate.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { RecipeStep } from '../train/recipe.js';
import type { ViewSettings } from '../train/views.js';
import type { Composition } from './composition.js';

/** The augmentations of a pipeline with their places, and the views that its method takes. */
export function viewSettings(
  { augment, views, method }: Pick<Pipeline, 'augment' | 'views' | 'method'>,
  composition: Pick<Composition, 'augmentations' | 'viewAugmentations' | 'method' | 'dataset'>,
  location: LoadedCell['location'],
): ViewSettings {
  const stepsAt = (written: Pipeline['augment'], augmentations: readonly Augmentation[], ...path: Path): RecipeStep[] =>
    written.map(({ use }, index) => ({
      augmentation: augmentations[index]!, // composed of these references
      name: use,
      location: location([...path, index]),
    }));
  return {
    shared: stepsAt(augment, composition.augmentations, 'augment'),
    groups: views?.map(({ augment: written, size, count }, group) => ({
      augmentations: stepsAt(written, composition.viewAugmentations?.[group] ?? [], 'views', group, 'augment'),
      size,
      count,
    })),
    method: method.use,
    takes: composition.method.views,
    whole: composition.dataset.train.readWhole !== undefined,
    location,
  };
}
