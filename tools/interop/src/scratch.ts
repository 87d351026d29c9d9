import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeNpy, encodeNpy } from './npy.ts'
import type { NpyArray } from './npy.ts'

/** A temporary folder through which TypeScript and Python pass files. */
export interface ScratchFolder {
  readonly path: string
  /** Writes `name`.npy, for `numpy.load`. */
  readonly writeArray: (name: string, array: NpyArray) => void
  /** Reads `name`.npy, as `numpy.save` wrote it. */
  readonly readArray: (name: string) => Required<NpyArray>
  /** Writes `name`.json. */
  readonly writeJson: (name: string, value: unknown) => void
  /** Deletes the folder with all it holds. */
  readonly remove: () => void
}

/** Makes a temporary folder. Call `remove` when done. */
export function scratchFolder(): ScratchFolder {
  const path = mkdtempSync(join(tmpdir(), 'breakwater-interop-'))
  return {
    path,
    writeArray: (name, array) => writeFileSync(join(path, `${name}.npy`), encodeNpy(array)),
    readArray: (name) => decodeNpy(readFileSync(join(path, `${name}.npy`))),
    writeJson: (name, value) => writeFileSync(join(path, `${name}.json`), JSON.stringify(value)),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
