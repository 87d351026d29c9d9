import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'

const SHA = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/
const MOST_REFS = 10

/**
 * The commit that is checked out in or above `folder`, read from git's own files: also in worktrees and submodules
 * (where .git is a file), with packed refs, and detached. Null outside a checkout and before the first commit.
 */
export function readGitSha(folder: string): string | null {
  const gitFolder = findGitFolder(resolve(folder))
  return gitFolder === null ? null : resolveRef(gitFolder, 'HEAD', MOST_REFS)
}

function findGitFolder(folder: string): string | null {
  const path = join(folder, '.git')
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) return path
    const target = /^gitdir: (?<path>.+)$/m.exec(readFileSync(path, 'utf8'))?.groups?.['path']?.trim()
    if (target !== undefined) return isAbsolute(target) ? target : resolve(folder, target)
  }
  const parent = dirname(folder)
  return parent === folder ? null : findGitFolder(parent)
}

/** What a ref points to; refs may point to refs, `left` of them at most. */
function resolveRef(gitFolder: string, ref: string, left: number): string | null {
  const text = readRef(gitFolder, ref)
  if (text === null || left === 0) return null
  const next = /^ref: (?<ref>.+)$/.exec(text)?.groups?.['ref']
  if (next !== undefined) return resolveRef(gitFolder, next.trim(), left - 1)
  return SHA.test(text) ? text : null
}

/** A ref of a worktree is in its own folder or the common one; branches that were packed are in packed-refs. */
function readRef(gitFolder: string, ref: string): string | null {
  const common = readText(join(gitFolder, 'commondir'))
  const commonFolder = common === null ? gitFolder : resolve(gitFolder, common)
  for (const folder of new Set([gitFolder, commonFolder])) {
    const text = readText(join(folder, ref))
    if (text !== null) return text
  }
  const packed = readText(join(commonFolder, 'packed-refs'))
  const line = packed?.split('\n').find((each) => each.endsWith(` ${ref}`))
  return line?.split(' ')[0] ?? null
}

function readText(path: string): string | null {
  return existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8').trim() : null
}
