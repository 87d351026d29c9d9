import type { ParamValue, TrackedRun } from './tracker.ts'
import { LIMITS } from './limits.ts'
import { paramText } from './rules.ts'

/**
 * The finite numbers of a tree of plain objects and lists, by the path to them with `/` between its parts (list places
 * are numbers from 0). Booleans, texts, null, NaN and infinities are left out.
 */
export function flattenMetrics(tree: unknown): Record<string, number> {
  return Object.fromEntries(
    leaves(tree).flatMap(([path, value]): [string, number][] =>
      typeof value === 'number' && Number.isFinite(value) ? [[path.join('/'), value]] : [],
    ),
  )
}

function leaves(value: unknown, path: readonly string[] = []): [readonly string[], unknown][] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [[path, value]]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key.replaceAll('/', '.')]))
}

/** Settings as a job has them: plain values, lists, and objects of these. */
export type Settings = { readonly [key: string]: unknown }

/**
 * Records settings as params: objects are flattened with `.` between the parts of a key, lists become their items with
 * commas between. What is undefined is left out. A value longer than a param may be is kept as a file of the artifact
 * `settings`, one item a line, and the param notes it.
 */
export async function recordSettings(run: TrackedRun, settings: Settings): Promise<void> {
  const params: Record<string, ParamValue> = {}
  const files: { path: string; text: string }[] = []
  for (const [key, value] of flattenSettings(settings)) {
    const items = Array.isArray(value) ? value.map((item) => paramText(plainValue(item))) : undefined
    const param = items === undefined ? plainValue(value) : items.join(',')
    if (paramText(param).length <= LIMITS.paramLength) {
      params[key] = param
      continue
    }
    const path = `${key}.txt`
    files.push({ path, text: items === undefined ? String(param) : `${items.join('\n')}\n` })
    params[key] =
      `${items === undefined ? `${paramText(param).length} characters` : `${items.length} items`}: see artifact settings/${path}`
  }
  await run.params(params)
  if (files.length > 0) await run.artifact({ name: 'settings', type: 'settings', files })
}

function flattenSettings(settings: Settings, prefix = ''): [string, unknown][] {
  return Object.entries(settings).flatMap(([key, value]): [string, unknown][] => {
    if (value === undefined) return []
    const name = `${prefix}${key}`
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value)
    return nested ? flattenSettings(value as Settings, `${name}.`) : [[name, value]]
  })
}

function plainValue(value: unknown): ParamValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value)
}
