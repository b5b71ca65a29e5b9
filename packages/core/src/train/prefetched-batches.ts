/** Batches that are read one ahead. */
export interface PrefetchedBatches<T> {
  /** The images of a step, and begins to read those of the next. @throws what reading the batch of this step threw */
  of(step: number): Promise<T>;
  /** Waits until nothing is being read. The next batch is kept. */
  settled(): Promise<void>;
}

/**
 * Reads the batch of the next step while a step runs. The order of the reads is that of the steps, so it depends on the seed only.
 * @param read reads the batch of a step
 * @param total the number of steps
 */
export function prefetchedBatches<T>(read: (step: number) => Promise<T>, total: number): PrefetchedBatches<T> {
  let ahead: { readonly step: number; readonly batch: Promise<T> } | undefined;
  const begin = (step: number): { readonly step: number; readonly batch: Promise<T> } => {
    // An async function, so that a `read` that throws rejects instead.
    const batch = (async () => read(step))();
    batch.catch(() => undefined); // thrown at its step
    return { step, batch };
  };
  return {
    async of(step) {
      const { batch } = ahead?.step === step ? ahead : begin(step);
      ahead = undefined;
      const images = await batch;
      if (step + 1 < total) ahead = begin(step + 1);
      return images;
    },
    async settled() {
      await ahead?.batch.catch(() => undefined);
    },
  };
}
