import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/** The promtool to run, or why there is none and whether tests may skip for that reason. */
export type FoundPromtool =
  { readonly path: string } | { readonly path: undefined; readonly reason: string; readonly maySkip: boolean }

/**
 * Finds promtool on the PATH. `BREAKWATER_PROMETHEUS=off` means that this machine has none. Tests may skip for want of it, except
 * where `CI=true` and it was not switched off.
 */
export function findPromtool(env: NodeJS.ProcessEnv = process.env): FoundPromtool {
  if (env['BREAKWATER_PROMETHEUS'] === 'off') {
    return { path: undefined, reason: 'switched off by BREAKWATER_PROMETHEUS=off', maySkip: true }
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const path = folders.map((folder) => join(folder, 'promtool')).find((file) => existsSync(file))
  if (path !== undefined) return { path }
  return { path: undefined, reason: 'no promtool on the PATH: run `npm run prometheus`', maySkip: env['CI'] !== 'true' }
}
