import type { z } from 'zod'

/** The value at `path` inside parsed JSON; undefined where the path leaves it. */
function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value = json
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function schemaError(file: string, json: unknown, error: z.ZodError): Error {
  const lines = error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.length === 0 ? '(top)' : issue.path.map(String).join('.')
    return `features: ${file}: ${path}=${shown(valueAt(json, issue.path))}: ${issue.message}.`
  })
  const more = error.issues.length - lines.length
  if (more > 0) lines.push(`features: ${file}: and ${more} more.`)
  return new Error(`${lines.join('\n')} Correct the file.`, { cause: error })
}

/**
 * `json` as `layout` describes it. Throws an Error with one line `features: <file>: <path>=<value>: <rule>.` for each of
 * the first three problems.
 */
export function validate<T>(layout: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = layout.safeParse(json)
  if (!parsed.success) throw schemaError(file, json, parsed.error)
  return parsed.data
}
