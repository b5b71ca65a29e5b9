import { SsqlError } from '@ssql/core';
import type { BrokenImage } from './decode-images.js';
import { reasonOf } from '../reason-of.js';

/**
 * An image of a dataset cannot be decoded: it is damaged, empty, or no JPEG, PNG, WebP, GIF, TIFF or AVIF.
 * @remedy Replace or remove the image, or set `onError: skip`, which leaves such images out and counts them.
 */
export function imageBroken(name: string, { reason }: Pick<BrokenImage, 'reason'>, others: number): SsqlError {
  const more = others === 0 ? '' : ` So do ${others} more of this batch.`;
  return new SsqlError('IMAGE_BROKEN', `${name} cannot be decoded: ${reason}.${more}`, {
    hint: 'Replace or remove the image, or set `onError: skip`, which leaves such images out and counts them.',
  });
}

/**
 * A worker thread that decodes images ended, for example because the memory was full.
 * @remedy Start the command again: training resumes. If it happens again, use fewer `workers`.
 */
export function decoderDied(cause: unknown): SsqlError {
  return new SsqlError('DECODER_DIED', `A thread that decodes images ended: ${reasonOf(cause)}.`, {
    hint: 'Start the command again: training resumes. If it happens again, use fewer `workers`.',
    cause,
  });
}

/**
 * Decoded images that do not fit into memory cannot be written to the disk, for example because it is full.
 * @remedy Free disk space and continue with `--resume`, or set `disk: 0GB`: such images are decoded again in each epoch then.
 */
export function imagesNotKept(cause: unknown): SsqlError {
  return new SsqlError(
    'IMAGES_NOT_KEPT',
    `Decoded images that do not fit into \`cache\` cannot be written to the disk: ${reasonOf(cause)}.`,
    {
      hint: 'Free disk space and continue with `--resume`, or set `disk: 0GB`: such images are decoded again in each epoch then.',
      cause,
    },
  );
}
