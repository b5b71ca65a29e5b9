import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', 'decode-worker': 'src/data/images/decode-worker.ts' },
  format: 'esm',
  target: 'node20',
  dts: { entry: 'src/index.ts' },
  sourcemap: true,
  clean: true,
});
