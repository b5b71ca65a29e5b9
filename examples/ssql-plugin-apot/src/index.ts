import { apot } from './apot.js';

export { apot };

/** What a pipeline that names this package can use. */
export const plugins = [apot];
