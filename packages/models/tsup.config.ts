import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/jobs.ts', 'src/node.ts', 'src/patchtst.ts', 'src/sequences.ts', 'src/sweep.ts'],
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
})
