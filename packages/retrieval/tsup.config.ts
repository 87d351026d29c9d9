import { copyFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/node.ts', 'src/query-worker.ts'],
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
  // The kernel is read from beside the code that uses it.
  onSuccess: () => copyFile('src/kernel/near.wasm', 'dist/near.wasm'),
})
