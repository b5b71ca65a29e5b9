import { SsqlError } from '@ssql/core';
import type { BrokenImage } from './decode-images.js';

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
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SsqlError('DECODER_DIED', `A thread that decodes images ended: ${reason}.`, {
    hint: 'Start the command again: training resumes. If it happens again, use fewer `workers`.',
    cause,
  });
}
