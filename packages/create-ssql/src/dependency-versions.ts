import { readFile } from 'node:fs/promises';

interface Manifest {
  readonly version: string;
  readonly dependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
}

type Dependencies = { readonly [name: string]: string };

/**
 * A template's package.json with versions instead of `*`. Packages of ssql get the version of this package, because all are released
 * together. Other packages get the version in this package's devDependencies, with which the templates are tested.
 */
export async function withVersions(text: string): Promise<string> {
  const manifest = await readManifest();
  const project = JSON.parse(text) as Manifest; // a template of this package
  const known: Dependencies = {
    ...manifest.devDependencies,
    '@ssql/core': `^${manifest.version}`,
    '@ssql/plugins': `^${manifest.version}`,
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

/** This package's package.json; the relative path is the same from `src/` and from `dist/`. */
export async function readManifest(): Promise<Manifest> {
  return JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as Manifest; // written by us
}
