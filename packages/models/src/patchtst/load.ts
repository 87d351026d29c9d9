import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { LISTED_FILE } from '@breakwater/formats'
import { listedFile } from '@breakwater/formats/node'
import { type LoadedModel, loadModel } from '@breakwater/patchtst'
import { sha256 } from '@breakwater/trees/node'
import { z } from 'zod'

const pointer = z.object({ model: z.object({ file: z.string().regex(LISTED_FILE), sha256: z.string().length(64) }) })

/**
 * The PatchTST model at `path`, which ends with .onnx. Where the JSON of its training lies beside it, the file that it lists is
 * read, and the bytes must have the SHA-256 that it records. `source` names the model in errors.
 */
export async function loadTrainedModel(path: string, source: string): Promise<LoadedModel> {
  const json = path.replace(/\.onnx$/, '.json')
  const recorded = json !== path && existsSync(json) ? parsePointer(await readFile(json, 'utf8'), json) : null
  const loaded = await loadModel(recorded === null ? path : listedFile(dirname(json), recorded.file))
  if (recorded === null || sha256(loaded.onnx) === recorded.sha256) return loaded
  throw new Error(
    `models: ${source}: its SHA-256 is not the one in ${basename(json)}: they are of two trainings, or the model was changed ` +
      `after it was written. Run \`breakwater patchtst\` again, or restore both files.`,
  )
}

function parsePointer(text: string, path: string): { readonly file: string; readonly sha256: string } {
  const parsed = pointer.safeParse(jsonOf(text, path))
  if (parsed.success) return parsed.data.model
  const [issue] = parsed.error.issues
  throw new Error(
    `models: ${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}. Run \`breakwater patchtst\` again, or restore the file.`,
  )
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`models: ${path}: is not JSON. Run \`breakwater patchtst\` again, or restore the file.`, { cause })
  }
}
