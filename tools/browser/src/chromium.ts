import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/** The Chromium to drive, or why there is none and whether tests may skip for that reason. */
export type FoundChromium =
  { readonly path: string } | { readonly path: undefined; readonly reason: string; readonly maySkip: boolean }

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome.exe']

/**
 * Finds Chromium or Chrome: `BREAKWATER_CHROMIUM` where it is set, else by its usual names on the PATH.
 * `BREAKWATER_CHROMIUM=off` means that this machine has none. Tests may skip for want of a browser, except where
 * `CI=true` and it was not switched off. Throws where `BREAKWATER_CHROMIUM` names no file.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): FoundChromium {
  const given = env['BREAKWATER_CHROMIUM'] ?? ''
  if (given === 'off') return { path: undefined, reason: 'switched off by BREAKWATER_CHROMIUM=off', maySkip: true }
  if (given !== '') {
    if (existsSync(given)) return { path: given }
    throw new Error(`browser: BREAKWATER_CHROMIUM=${given}: no such file. Name a Chromium, or unset it`)
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const path = folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((file) => existsSync(file))
  if (path !== undefined) return { path }
  const reason = 'no Chromium on the PATH: run `npm run browser`, or name one in BREAKWATER_CHROMIUM'
  return { path: undefined, reason, maySkip: env['CI'] !== 'true' }
}
