// The task of a worker thread.
export { decodeImages as default } from './decode-images.js';
