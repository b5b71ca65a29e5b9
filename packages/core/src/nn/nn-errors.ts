import { SsqlError } from '../errors.js';

/**
 * The backbone and the method cannot be put together to a network on these images.
 * @remedy Change the options of the backbone or the method that the message names.
 */
export function networkInvalid(reason: string): SsqlError {
  return new SsqlError('NETWORK_INVALID', `The network cannot be built: ${reason}.`);
}
