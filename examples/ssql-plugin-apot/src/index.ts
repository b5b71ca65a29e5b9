import { apot } from './apot.js';

export { apot };

/** The plugins that pipelines get from this package. */
export const plugins = [apot];
