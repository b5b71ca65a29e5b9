import { vicreg } from './vicreg.js';

export { vicreg };

/** The plugins that pipelines get from this package. */
export const plugins = [vicreg];
