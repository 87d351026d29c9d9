import { existsSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'

/** Where commands read and write unless told otherwise, relative to the working folder. */
export const DEFAULTS: {
  readonly schema: string
  readonly signals: string
  readonly indexes: string
  readonly sequences: string
  readonly patchtst: string
  readonly reports: string
  readonly exports: string
  readonly demo: string
  readonly tracking: string
  readonly sweeps: string
  readonly worker: string
} = {
  schema: 'data/features.json',
  signals: 'data/ml/signals/signals.parquet',
  indexes: 'data/ml',
  sequences: 'data/ml/sequences',
  patchtst: 'data/ml/patchtst',
  reports: 'data/ml/reports',
  exports: 'data/ml/export',
  demo: 'data/ml/demo',
  tracking: 'data/ml/tracking',
  sweeps: 'data/ml/sweep',
  worker: 'data/ml/worker',
}

/** `path` as an absolute path, starting from `cwd`. */
export function absolute(cwd: string, path: string): string {
  return isAbsolute(path) ? path : resolve(cwd, path)
}

/** `path` as a person in `cwd` would write it. */
export function shown(cwd: string, path: string): string {
  const short = relative(cwd, path)
  return short === '' ? '.' : short.startsWith('..') ? path : short
}

/** The path of a file that must exist; `missing` completes the error with the likely fix. */
export function existing(cwd: string, path: string, missing: string): string {
  const full = absolute(cwd, path)
  if (!existsSync(full)) throw new Error(`trainer: ${missing}`)
  return full
}
