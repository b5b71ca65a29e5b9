/** A change that a test must notice. */
export interface Mutation {
  /** What it changes, in words. */
  readonly name: string;
  /** The changed source. `text` occurs in it exactly once, and becomes `replacement`. */
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
  /** The tests that may notice it. They run one after the other until one fails. */
  readonly tests: readonly TestFile[];
  /** Why no test can notice it. */
  readonly alive?: string;
}

/** A file within `test/`, without `.test.ts`. After ` > ` part of the titles of its tests, if not all of them run. */
export type TestFile = string;
