/** A labelled set of equally sized images, read by index. */
export interface Split {
  readonly size: number;
  readonly labels: Uint8Array | Uint16Array;
  /** The images at these indexes, [N,H,W,C], one byte per value. */
  read(indexes: ArrayLike<number>): Promise<Uint8Array>;
}

export interface Dataset {
  readonly name: string;
  readonly classes: readonly string[];
  /** Height, width, channels. */
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly train: Split;
  readonly test: Split;
  /** Hash of the data's bytes, for the manifest. */
  readonly fingerprint: string;
}
