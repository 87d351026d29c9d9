import { defineConfig } from 'tsup'

export default defineConfig({
  // Threads start from files beside the one that holds their caller, which is in the folder of the package's entries.
  entry: {
    index: 'src/index.ts',
    node: 'src/node.ts',
    'log-worker': 'src/audit/log-worker.ts',
    'skew-worker': 'src/skew/skew-worker.ts',
  },
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
})
