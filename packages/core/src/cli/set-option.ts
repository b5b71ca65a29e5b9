import { Option } from 'commander';

/** `--set path=value`, repeatable. */
export function setOption(): Option {
  return new Option(
    '--set <path=value>',
    'set a value of the pipeline; `path.+=value` adds to a list, `~path` removes a value (repeatable)',
  )
    .argParser((text: string, before: readonly string[]) => [...before, text])
    .default([], 'nothing');
}
