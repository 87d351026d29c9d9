import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/** The nats-server to start, or why there is none and whether tests may skip for that reason. */
export type FoundServer =
  { readonly path: string } | { readonly path: undefined; readonly reason: string; readonly maySkip: boolean }

const NAMES = ['nats-server', 'nats-server.exe']
/** Where Debian puts it; a user's PATH need not name it. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin']

/**
 * Finds nats-server: `BREAKWATER_NATS` where it is set, else on the PATH and in the folders for system programs.
 * `BREAKWATER_NATS=off` means that this machine has none. Tests may skip for want of it, except where `CI=true` and it
 * was not switched off. Throws where `BREAKWATER_NATS` names no file.
 */
export function findNatsServer(
  env: NodeJS.ProcessEnv = process.env,
  systemFolders: readonly string[] = SYSTEM_FOLDERS,
): FoundServer {
  const given = env['BREAKWATER_NATS'] ?? ''
  if (given === 'off') return { path: undefined, reason: 'switched off by BREAKWATER_NATS=off', maySkip: true }
  if (given !== '') {
    if (existsSync(given)) return { path: given }
    throw new Error(`nats: BREAKWATER_NATS=${given}: no such file. Name a nats-server, or unset it`)
  }
  const folders = [...(env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), ...systemFolders]
  const path = folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((file) => existsSync(file))
  if (path !== undefined) return { path }
  const reason = 'no nats-server on the PATH: run `npm run nats`, or name one in BREAKWATER_NATS'
  return { path: undefined, reason, maySkip: env['CI'] !== 'true' }
}
