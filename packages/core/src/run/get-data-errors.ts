import { SsqlError } from '../errors.js';
import type { AnyPlugin, DataFile } from '../plugin/contract.js';
import { messageOf } from '../values.js';

/**
 * `ssql data get` has no address and checksum for this data.
 * @remedy Download the data from its publisher, and put it where the option `root` of the plugin says.
 */
export function dataNotOffered({ name, options }: AnyPlugin): SsqlError {
  const layout = options.properties['root']?.description;
  return new SsqlError('DATA_NOT_OFFERED', `\`ssql data get\` has no address of files for \`${name}\`.`, {
    hint:
      layout === undefined
        ? `\`ssql show data/${name}\` describes what it reads.`
        : `Download the data from its publisher. The option \`root\` is: ${layout}`,
  });
}

/**
 * A file of a published data set cannot be downloaded, for example because there is no network.
 * @remedy Run the command again: it continues. Or download the file with another program, put it where the message says, and run the command again.
 */
export function downloadFailed(url: string, path: string, cause: unknown): SsqlError {
  // `fetch` hides the reason in the cause.
  const { cause: reason = cause } = Object(cause) as { readonly cause?: unknown };
  return new SsqlError('DOWNLOAD_FAILED', `${url} cannot be downloaded: ${messageOf(reason)}.`, {
    hint: `Run the command again: it continues. Or download the file with another program to ${path}, and run the command again.`,
    cause,
  });
}

/**
 * What was downloaded is not the file of the published data set: the download was damaged, or the publisher changed the file. The download was removed.
 * @remedy Run the command again. If the error repeats, the publisher changed the file: unpack it yourself if you trust it.
 */
export function dataChecksum({ url, md5 }: DataFile, actual: string): SsqlError {
  return new SsqlError('DATA_CHECKSUM', `The download of ${url} has the MD5 ${actual}, not ${md5}. It was removed.`, {
    hint: 'Run the command again. If the error repeats, the publisher changed the file: unpack it yourself if you trust it.',
  });
}

/**
 * In the place of a file of a published data set is something else, for example a file that was changed. It is kept.
 * @remedy Move it elsewhere and run the command again, or choose another folder with `--to`.
 */
export function dataInTheWay(path: string, what: string): SsqlError {
  return new SsqlError('DATA_IN_THE_WAY', `${path} ${what}. It is kept.`, {
    hint: 'Move it elsewhere and run the command again, or choose another folder with `--to`.',
  });
}

/**
 * An archive of a published data set cannot be unpacked, for example because the disk is full.
 * @remedy Remove the reason that the message names, and run the command again: the archive is kept.
 */
export function archiveInvalid(path: string, cause: unknown): SsqlError {
  return new SsqlError('ARCHIVE_INVALID', `${path} cannot be unpacked: ${messageOf(cause)}.`, {
    hint: 'Remove the reason, and run the command again: the archive is kept.',
    cause,
  });
}
