import { readFile } from 'node:fs/promises'
import { parseSchema } from './parse.ts'
import type { Schema } from './schema.ts'

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Error(
      `features: path=${path}: missing features.json. Name the schema of the signals, or restore data/features.json.`,
      { cause: error },
    )
  }
}

/** Reads and validates a features.json of either layout (see parseSchema). Throws when it is absent, not JSON or invalid. */
export async function loadSchema(path: string): Promise<Schema> {
  const text = await readText(path)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new Error(`features: path=${path}: not JSON (${String(error)}). Correct the file.`, { cause: error })
  }
  return parseSchema(json, path)
}
