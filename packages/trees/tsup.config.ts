import { copyFileSync, globSync } from 'node:fs'
import { basename } from 'node:path'
import { defineConfig } from 'tsup'

export default defineConfig({
  // One module each, so that a bundler takes what is used: an index of one file would bring its libraries along.
  entry: ['src/**/*.ts'],
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
