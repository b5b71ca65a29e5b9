import { Option } from 'commander';

/** `--plugin <package or file>`, as often as wanted: what a pipeline names in `plugins`. */
export function pluginOption(): Option {
  return new Option('--plugin <package>', 'a package or file of plugins besides the built-in ones')
    .argParser((text: string, before: readonly string[]) => [...before, text])
    .default([], 'none');
}
