import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsup';

const nodeUtil = fileURLToPath(new URL('src/engine/tensorflow/node-util.ts', import.meta.url));

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    run: 'src/run.ts',
    testing: 'src/testing/index.ts',
    ssql: 'src/cli/ssql.ts',
    'interruption-notice': 'src/cli/interruption-notice.ts',
  },
  format: 'esm',
  target: 'node20',
  dts: { entry: { index: 'src/index.ts', run: 'src/run.ts', testing: 'src/testing/index.ts' } },
  sourcemap: true,
  clean: true,
  splitting: true,
  // The kernels of tfjs-node-gpu are plain JavaScript: bundled, no user's install runs that package's scripts.
  noExternal: [/^@tensorflow\/tfjs-node-gpu/, /^@tensorflow\/tfjs-core\/dist\//, 'google-protobuf'],
  // The kernels are CommonJS and require tfjs-core, which stays outside the bundle.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  esbuildPlugins: [
    {
      name: 'tfjs-node-kernels',
      setup(build) {
        build.onResolve({ filter: /^@tensorflow\/tfjs$/ }, () => ({ path: '@tensorflow/tfjs-core', external: true }));
        build.onResolve({ filter: /^util$/ }, ({ importer }) =>
          importer.includes('tfjs-node-gpu') ? { path: nodeUtil } : undefined,
        );
      },
    },
  ],
});
