import { Option } from 'commander';

/** `--set path=value`, as often as wanted. */
export function setOption(): Option {
  return new Option(
    '--set <path=value>',
    'set a value of the pipeline (`path.+=value` adds to a list, `~path` takes away)',
  )
    .argParser((text: string, before: readonly string[]) => [...before, text])
    .default([], 'nothing');
}
