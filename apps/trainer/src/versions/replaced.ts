import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { listVersions } from '@breakwater/formats/node'
import { setName } from '@breakwater/models'
import type { Context } from '../context.ts'
import { shown } from '../paths.ts'
import type { Progress } from '@breakwater/command-line'

/** Which pointer is about to be replaced. */
export interface Replacement {
  /** Absolute. */
  readonly folder: string
  readonly pointer: string
}

/** Notes what a command is about to replace, and whether it can be brought back; nothing where nothing is there. */
export async function noteReplaced(
  { cwd }: Context,
  progress: Progress,
  { folder, pointer }: Replacement,
): Promise<void> {
  if (!existsSync(join(folder, pointer))) return
  const versions = await listVersions(folder)
  const current = versions.find((version) => version.pointer === pointer && version.isCurrent)
  const path = shown(cwd, join(folder, pointer))
  progress.note(
    current === undefined
      ? `replaces ${path}, which has no version and cannot be brought back`
      : `replaces version ${current.id} of ${path}; \`breakwater rollback --model-dir ${shown(cwd, folder)} --set ${setName(pointer)}\` brings it back`,
  )
}

/** Notes that a command is about to replace files, which keep no version; nothing where none of them is there. Absolute paths. */
export function noteReplacedFiles({ cwd }: Context, progress: Progress, paths: readonly string[]): void {
  const there = paths.filter((path) => existsSync(path)).map((path) => shown(cwd, path))
  if (there.length === 0) return
  const named = there.length > 2 ? `${there[0]} and ${there.length - 1} more files` : there.join(' and ')
  progress.note(`replaces ${named}, which cannot be brought back`)
}
