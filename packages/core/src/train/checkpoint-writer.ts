import type { Checkpoint } from '../artifact/checkpoint-files.js';
import type { RunFolder } from '../artifact/run-folder.js';

/** Writes checkpoints while training goes on, one at a time. */
export interface CheckpointWriter {
  /** The step of the last checkpoint that is completely written. */
  readonly saved: number;
  /** Copies the tensors and begins to write them. The write before must have ended. */
  begin(checkpoint: Checkpoint): void;
  /** @throws the error of a write that has failed */
  check(): void;
  /** Waits until the write has ended. @throws its error */
  end(): Promise<void>;
}

/** @param saved the step of the checkpoint in the folder; 0 without one */
export function checkpointWriter(folder: Pick<RunFolder, 'saveCheckpoint'>, saved: number): CheckpointWriter {
  let last = saved;
  let failure: { readonly error: unknown } | undefined;
  let writing: Promise<void> | undefined;
  const check = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  return {
    get saved() {
      return last;
    },
    begin(checkpoint) {
      writing = folder.saveCheckpoint(checkpoint).then(
        () => void (last = checkpoint.step),
        (error: unknown) => void (failure = { error }),
      );
    },
    check,
    async end() {
      await writing;
      check();
    },
  };
}
