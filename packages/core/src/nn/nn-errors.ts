import { SsqlError } from '../errors.js';

/**
 * The backbone and the method do not form a network for these images.
 * @remedy Change the options of the backbone or the method in the message.
 */
export function networkInvalid(reason: string): SsqlError {
  return new SsqlError('NETWORK_INVALID', `The network cannot be built: ${reason}.`, { ofCaller: true });
}
