/** Options of every source of encoded images. */
export const IMAGE_OPTIONS = {
  size: {
    type: 'integer',
    minimum: 1,
    default: 256,
    description:
      'Height and width of the images, in pixels. Images of other sizes are resized so that they cover it (bilinear), and cut at the centre.',
  },
  onError: {
    enum: ['fail', 'skip'],
    default: 'fail',
    description:
      'What happens to an image that cannot be decoded. `fail`: the run stops and names it. `skip`: all images are decoded once before the run begins; broken ones are left out and counted.',
  },
  workers: {
    type: 'integer',
    minimum: 0,
    maximum: 64,
    description:
      'Threads that decode images; 0: none but the one that trains. Default: half of the processors, at most four. More than four need the environment variable UV_THREADPOOL_SIZE. Results do not depend on it.',
  },
  cache: {
    type: 'string',
    pattern: '^\\d+(\\.\\d+)? ?[MG]B$',
    default: '1GB',
    description:
      'Memory for decoded images, such as 500MB or 2GB. Images that do not fit are decoded again in each epoch. Results do not depend on it.',
  },
} as const;

/** Those that change no result. */
export const NEUTRAL_IMAGE_OPTIONS = ['workers', 'cache'] as const;

/** A share of images that are held out. */
export const SHARE = { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 } as const;
