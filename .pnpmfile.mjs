// What `pnpm pack` and `pnpm publish` do with a manifest.
export { hooks } from './tools/packing.mjs'
