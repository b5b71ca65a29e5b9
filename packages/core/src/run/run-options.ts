import type { LoadOptions } from '../pipeline/load.js';
import { isRecord } from '../values.js';
import { readVersion } from '../version.js';
import { runOptionInvalid, runOptionUnknown } from './run-errors.js';
import type { OnEvent } from './run-event.js';

/** How to run a pipeline. */
export interface RunOptions {
  /** Contains a folder per pipeline, which contains a folder per run. Default: `runs`. */
  readonly folder: string;
  /** Continues interrupted runs. Default: they are an error. */
  readonly resume: boolean;
  /** Starts over and removes existing runs. Default: finished phases are kept. */
  readonly fresh: boolean;
  /** The version for the manifest. Default: that of ssql. */
  readonly version: string;
  /** Stops the work after a step, with its reason. What was saved is kept. Default: nothing stops it. */
  readonly signal: AbortSignal;
  /** Called with each event. Default: nothing is called. */
  readonly onEvent: OnEvent;
  /** Milliseconds, to time steps for `threads: auto`. Default: `performance.now`. */
  readonly clock: () => number;
}

/**
 * Adds the defaults. An option that is `undefined` has its default.
 * @throws SsqlError RUN_OPTION_UNKNOWN, RUN_OPTION_INVALID
 */
export function completeOptions(chosen: Partial<RunOptions> & LoadOptions): RunOptions {
  if (!isRecord(chosen as unknown)) throw runOptionInvalid('the options', chosen, 'an object');
  const written = Object.entries(chosen).filter(([, value]) => value !== undefined);
  for (const [name, value] of written) {
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (option === undefined) throw runOptionUnknown(name, Object.keys(OPTIONS));
    if (!option.takes(value)) throw runOptionInvalid(`\`${name}\``, value, option.expected);
  }
  return {
    folder: 'runs',
    resume: false,
    fresh: false,
    version: readVersion(),
    signal: new AbortController().signal,
    onEvent: () => undefined,
    clock: () => performance.now(),
    ...Object.fromEntries(written),
  };
}

interface Option {
  readonly expected: string;
  takes(value: unknown): boolean;
}

const TEXT: Option = { expected: 'a text', takes: (value) => typeof value === 'string' };
const SWITCH: Option = { expected: '`true` or `false`', takes: (value) => typeof value === 'boolean' };
const FUNCTION: Option = { expected: 'a function', takes: (value) => typeof value === 'function' };

const OPTIONS: { readonly [name: string]: Option } = {
  folder: TEXT,
  resume: SWITCH,
  fresh: SWITCH,
  version: TEXT,
  signal: { expected: 'an AbortSignal', takes: (value) => value instanceof AbortSignal },
  onEvent: FUNCTION,
  clock: FUNCTION,
  plugins: {
    expected: 'a registry or a function',
    takes: (value) => isRecord(value) || FUNCTION.takes(value),
  },
  set: {
    expected: "a list of texts, such as `['seed=1']`",
    takes: (value) => Array.isArray(value) && value.every(TEXT.takes),
  },
  variables: { expected: 'an object', takes: isRecord },
} satisfies { readonly [name in keyof (RunOptions & LoadOptions)]: Option };
