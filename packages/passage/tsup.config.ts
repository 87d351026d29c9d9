import { copyFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

export default defineConfig({
  // One module each, so that a bundler takes what is used: an index of one file would bring its libraries along.
  entry: ['src/**/*.ts'],
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
  // The kernel is read from beside the module that starts it.
  onSuccess() {
    copyFileSync('src/kernel/mix.wasm', 'dist/kernel/mix.wasm')
    return Promise.resolve()
  },
})
