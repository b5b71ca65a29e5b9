import { Option } from 'commander';

/** `--plugin <package or file>`, repeatable: like an entry of `plugins` in a pipeline. */
export function pluginOption(): Option {
  return new Option('--plugin <package>', 'a package or file of plugins, in addition to the built-in ones (repeatable)')
    .argParser((text: string, before: readonly string[]) => [...before, text])
    .default([], 'none');
}
