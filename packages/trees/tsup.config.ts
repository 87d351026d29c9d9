import { copyFileSync, globSync } from 'node:fs'
import { basename } from 'node:path'
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/node.ts', 'src/train/head-worker.ts'],
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
  onSuccess() {
    for (const kernel of globSync('src/*/*.wasm')) copyFileSync(kernel, `dist/${basename(kernel)}`)
    return Promise.resolve()
  },
})
