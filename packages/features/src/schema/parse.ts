import { readOriginal } from './original.ts'
import { readV2 } from './version-2.ts'
import type { Schema } from './schema.ts'

/**
 * A {@link Schema} from parsed JSON of either layout: version 2 (ours) or "1.5.0" (the original, completed by the shipped
 * overlay). `file` names the source in errors.
 *
 * Throws an Error whose lines read `features: <file>: <path inside the file>=<value>: <rule>.` when the JSON is neither.
 */
export function parseSchema(json: unknown, file = 'features.json'): Schema {
  const version: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'version') : undefined
  if (version === '1.5.0') return readOriginal(json, file)
  if (version === 2) return readV2(json, file)
  throw new Error(
    `features: ${file}: version=${JSON.stringify(version) ?? 'absent'}: must be 2 or "1.5.0". Use a features.json of one of these layouts.`,
  )
}
