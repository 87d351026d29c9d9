import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/sets.ts', 'src/head-worker.ts'],
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
})
