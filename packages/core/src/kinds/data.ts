/**
 * A set of images of the dataset's shape, read by index. What has other sizes, `read` brings to that shape: a compiled step has one shape,
 * and a batch is one array. Training, and evaluation on views that begin with a random crop, use `readWhole`, if there is one, so that crops
 * reach all of an image.
 */
export interface Split {
  readonly size: number;
  /** A class for each image; default: unlabelled. Stages with `needsLabels` refuse such images before training. */
  readonly labels?: Uint8Array | Uint16Array;
  /**
   * The images at these indexes, [N,H,W,C], one byte per value. The array belongs to the caller, and may be in memory that threads share.
   * Images may be decoded here: training asks for one batch ahead, and holds no more than the batch of a step and the next.
   */
  read(indexes: ArrayLike<number>): Promise<Uint8Array>;
  /** As `read`, but each image keeps its aspect ratio, and nothing is cut off. The first step of each view must crop such images (`drawWithin`). */
  readWhole?(indexes: ArrayLike<number>): Promise<WholeImages>;
  /**
   * [N,2], heights and widths of the images before they were brought to the dataset's shape; 0 where an image is broken. Default: all
   * images have that shape.
   */
  originalSizes?(indexes: ArrayLike<number>): Promise<Uint32Array>;
  /** What was left out of the split, such as broken images, in sentences, one for each; default: nothing. */
  readonly leftOut?: readonly string[];
}

/** Images that fill the upper left corners of their arrays; the rest is 0. */
export interface WholeImages {
  /** [N,H,W,C], as of `read`. */
  readonly pixels: Uint8Array;
  /** [N,2], the height and width of each image. */
  readonly sizes: Uint16Array;
}

export interface Dataset {
  readonly name: string;
  /** Names of the classes; empty if nothing is labelled. */
  readonly classes: readonly string[];
  /** Height, width, channels. */
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly train: Split;
  readonly test: Split;
  /** More splits by name, such as `unlabelled` or `validation`, which a pipeline can choose in place of `train` and `test`. */
  readonly splits?: { readonly [name: string]: Split };
  /** Hash of the data's bytes, or of what stands for them, such as the names and lengths of files. It belongs to the identity of a run. */
  readonly fingerprint: string;
  /** Sentences for users, shown before a run, such as how many images were left out; default: none. */
  readonly notes?: readonly string[];
}
