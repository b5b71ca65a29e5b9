import { totalmem } from 'node:os';
import type { LoadedCell } from '../pipeline/load.js';
import type { Model } from '../train/model.js';
import { sizeOf } from '../values.js';
import { networkTooLarge } from './run-errors.js';

/** The kernels of engines count the elements of a tensor in 32 bits. */
const MOST_ELEMENTS = 2 ** 31 - 1;
/** A training step holds the weights, their gradients and the new weights, all float32. */
const COPIES = 3;

/**
 * Checks that the weights of a run can fit into memory. They may still be too many: layers and optimizers need memory besides.
 * @param memory bytes
 * @throws SsqlError NETWORK_TOO_LARGE
 */
export function checkSize(
  { parameters, backboneDescription }: Pick<Model, 'parameters' | 'backboneDescription'>,
  { pipeline, location }: Pick<LoadedCell, 'pipeline' | 'location'>,
  memory: number = memoryOfProcess(),
): void {
  const count = (list: Model['parameters']): number => list.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const weights = count(parameters);
  const copies = pipeline.train.epochs > 0 ? COPIES : 1;
  const most = Math.max(...parameters.map(({ shape }) => sizeOf(shape)));
  if (4 * copies * weights <= memory && most <= MOST_ELEMENTS) return;
  const ofBackbone = count(backboneDescription.parameters) > weights / 2;
  throw networkTooLarge(
    weights,
    most > MOST_ELEMENTS
      ? `one tensor of weights has ${most}, and tensors have at most ${MOST_ELEMENTS} elements`
      : `they need at least ${gibibytes(4 * copies * weights)}, and this machine has ${gibibytes(memory)}`,
    location([ofBackbone ? 'backbone' : 'method']),
  );
}

/** The memory of the machine, or that of its container. */
function memoryOfProcess(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toPrecision(3)} GiB`;
}
