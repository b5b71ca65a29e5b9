import { readFile } from 'node:fs/promises';

interface Manifest {
  readonly version: string;
  readonly dependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
}

type Dependencies = { readonly [name: string]: string };

/**
 * A template's package.json with versions instead of `*`. Packages of ssql are released together, so theirs is this package's own;
 * those of others are the ones that this package is developed, and its templates are checked, with.
 */
export async function withVersions(text: string): Promise<string> {
  const own = await readOwn();
  const project = JSON.parse(text) as Manifest; // a template of this package
  const known: Dependencies = {
    ...own.devDependencies,
    '@ssql/core': `^${own.version}`,
    '@ssql/plugins': `^${own.version}`,
  };
  const filled = (dependencies: Dependencies): Dependencies =>
    Object.fromEntries(
      Object.entries(dependencies).map(([name, range]) => {
        const version = range === '*' ? known[name] : range;
        if (version === undefined) throw new Error(`create-ssql knows no version of ${name}`);
        return [name, version];
      }),
    );
  const { dependencies, devDependencies, peerDependencies } = project;
  return `${JSON.stringify(
    {
      ...project,
      ...(dependencies && { dependencies: filled(dependencies) }),
      ...(peerDependencies && { peerDependencies: filled(peerDependencies) }),
      ...(devDependencies && { devDependencies: filled(devDependencies) }),
    },
    undefined,
    2,
  )}\n`;
}

/** This package's package.json, seen from `src/` and from `dist/`. */
export async function readOwn(): Promise<Manifest> {
  return JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as Manifest; // it is our own
}
