import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseSchema } from './parse.ts'
import type { Schema } from './schema.ts'

// The build copies the repository's file beside its modules.
const FILE = import.meta.url.endsWith('.ts') ? '../../../../data/features.json' : './features.json'

/** Path of the features.json that ships with this package, which describes the signals that it builds. */
export const SHIPPED_SCHEMA: string = fileURLToPath(new URL(FILE, import.meta.url))

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Error(
      `features: path=${path}: missing features.json. Name the schema of the signals, or leave the path out for the one that ships with this package.`,
      { cause: error },
    )
  }
}

/**
 * Reads and validates a features.json of either layout (see parseSchema); {@link SHIPPED_SCHEMA} by default. Throws when
 * it is absent, not JSON or invalid.
 */
export async function loadSchema(path: string = SHIPPED_SCHEMA): Promise<Schema> {
  const text = await readText(path)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new Error(`features: path=${path}: not JSON (${String(error)}). Correct the file.`, { cause: error })
  }
  return parseSchema(json, path)
}
