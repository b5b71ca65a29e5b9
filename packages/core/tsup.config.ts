import { createRequire } from 'node:module';
import { defineConfig } from 'tsup';

const require = createRequire(import.meta.url);

export default defineConfig({
  entry: { index: 'src/index.ts', testing: 'src/testing/index.ts', ssql: 'src/cli/ssql.ts' },
  format: 'esm',
  target: 'node20',
  dts: { entry: { index: 'src/index.ts', testing: 'src/testing/index.ts' } },
  sourcemap: true,
  clean: true,
  splitting: true,
  // The kernels of tfjs-node-gpu are plain JavaScript: bundled, no user's install runs that package's scripts.
  noExternal: [/^@tensorflow\/tfjs-node-gpu/, /^@tensorflow\/tfjs-core\/dist\//, 'google-protobuf'],
  esbuildOptions(options) {
    options.alias = { '@tensorflow/tfjs': require.resolve('@tensorflow/tfjs-core') };
  },
});
