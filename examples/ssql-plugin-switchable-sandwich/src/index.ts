import { switchableSandwich } from './switchable-sandwich.js';

export { switchableSandwich };

/** The plugins that pipelines get from this package. */
export const plugins = [switchableSandwich];
