import { defineConfig } from 'tsup'

export default defineConfig({
  // One module each, so that a bundler takes what is used: an index of one file would bring its libraries along.
  entry: ['src/**/*.ts'],
  format: ['esm'],
  dts: false,
  clean: false,
  target: 'node22',
  sourcemap: true,
})
