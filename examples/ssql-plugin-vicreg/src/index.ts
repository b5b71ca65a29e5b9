import { vicreg } from './vicreg.js';

export { vicreg };

/** What a pipeline that names this package can use. */
export const plugins = [vicreg];
