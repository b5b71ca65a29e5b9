import type { Location } from '../errors.js';
import { describe } from '../nn/describe.js';
import type { Network } from '../nn/network.js';
import { viewsUnlikeWeights } from './view-errors.js';
import type { Views } from './views.js';

/** Checks that a network has the same weights for views of every shape. @throws SsqlError VIEW_WEIGHTS, NETWORK_INVALID */
export function refuseOtherWeights(
  network: Network,
  batch: number,
  views: Views,
  location: Location | undefined,
): void {
  const shapes = new Map(
    Array.from({ length: views.count }, (_, view) => views.recipe(view).shape).map((shape) => [shape.join(), shape]),
  );
  if (shapes.size < 2) return;
  const { parameters } = describe(network, [batch, ...views.shape]);
  for (const shape of shapes.values()) {
    const others = describe(network, [batch, ...shape]).parameters;
    const other = parameters.find((parameter, index) => parameter.shape.join() !== others[index]?.shape.join());
    if (other !== undefined) throw viewsUnlikeWeights(shape, other.name, location);
  }
}
