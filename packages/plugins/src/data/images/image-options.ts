/** An amount of bytes, which `bytesOf` reads. */
const SIZE = '^\\d+(\\.\\d+)? ?[MG]B$';

/** Options of every source of encoded images. */
export const IMAGE_OPTIONS = {
  size: {
    type: 'integer',
    minimum: 1,
    maximum: 8192,
    default: 256,
    description:
      'Height and width of the images, in pixels. Images of other sizes are resized so that they cover it (bilinear), and cut at the centre.',
  },
  whole: {
    type: 'boolean',
    description:
      'Whether training images are kept whole: each keeps its aspect ratio, and its size if it fits into `size`, so that random crops reach all of it. The first step of `augment` must be `random-resized-crop`. Evaluation reads images as without it, except for the training views of `linear-evaluation`. Default: false.',
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
    pattern: SIZE,
    default: '1GB',
    description:
      'Memory for decoded images, such as 500MB or 2GB. Images that do not fit are kept on disk (`disk`). Results do not depend on it.',
  },
  disk: {
    type: 'string',
    pattern: SIZE,
    description:
      'Disk space for decoded images that do not fit into `cache`, such as 50GB; 0GB: none. `ssql run` keeps them in a file without a name beside the runs, which is gone when the command ends. Images that fit into neither are decoded again in each epoch. Default: half of the free space. Results do not depend on it.',
  },
} as const;

/** Those that change no result. */
export const NEUTRAL_IMAGE_OPTIONS = ['workers', 'cache', 'disk'] as const;

/** A share of images that are held out. */
export const SHARE = { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 } as const;
