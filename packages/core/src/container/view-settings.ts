import type { Augmentation } from '../kinds/augmentation.js';
import type { LoadedCell } from '../pipeline/load.js';
import type { Path } from '../pipeline/locate.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { RecipeStep } from '../train/recipe.js';
import type { ViewSettings } from '../train/views.js';
import type { Composition } from './composition.js';

/** The augmentations of a pipeline with their places, and the views that its method takes. */
export function viewSettings(
  { views, method }: Pick<Pipeline, 'views' | 'method'>,
  composition: Pick<Composition, 'augmentations' | 'viewAugmentations' | 'method'>,
  location: LoadedCell['location'],
): ViewSettings {
  const stepsAt = (augmentations: readonly Augmentation[], ...path: Path): RecipeStep[] =>
    augmentations.map((augmentation, index) => ({ augmentation, location: location([...path, index]) }));
  return {
    shared: stepsAt(composition.augmentations, 'augment'),
    groups: views?.map(({ size, count }, group) => ({
      augmentations: stepsAt(composition.viewAugmentations?.[group] ?? [], 'views', group, 'augment'),
      size,
      count,
    })),
    method: method.use,
    takes: composition.method.views,
    location,
  };
}
