import { importersOf, importGraph } from './graph.ts'
import { entrySources } from './manifests.ts'
import type { Repository } from './repository.ts'

/** No source file may be longer than this many lines. */
export const MOST_LINES = 500

/** A source file longer than this needs a reason. */
export const QUESTIONED_LINES = 300

/** A source file shorter than this that one other alone imports needs a reason. */
export const PART_LINES = 40

/**
 * Source files over budget: above {@link MOST_LINES} lines always, above {@link QUESTIONED_LINES} unless `reasons` names
 * the file, and entries of `reasons` that no longer need one. Counts every TypeScript and JavaScript file, tests too.
 */
export function budgetViolations(
  repository: Pick<Repository, 'files' | 'read'>,
  reasons: Readonly<Record<string, string>>,
): string[] {
  const lengths = new Map(
    repository.files.filter((path) => /\.[cm]?[jt]sx?$/.test(path)).map((path) => [path, linesOf(repository, path)]),
  )
  const long = [...lengths].flatMap(([path, lines]) => lengthViolation(path, lines, reasons))
  const stale = Object.keys(reasons).filter((path) => (lengths.get(path) ?? 0) <= QUESTIONED_LINES)
  return [...long, ...stale.map((path) => `${path}: has a reason for its length but needs none. Remove the reason.`)]
}

/**
 * Files that are a part of their only user: shorter than {@link PART_LINES}, and imported, for types too, by one file that
 * is not an entry (an entry names what is public and holds nothing itself). `reasons` names those that stand alone for a
 * reason; its entries that no longer need one are refused. A split is so never free: below the budget of lengths, the
 * smaller part is questioned.
 */
export function partViolations(repository: Repository, reasons: Readonly<Record<string, string>>): string[] {
  const entries = new Set(
    repository.packages.flatMap(({ folder, manifest }) =>
      entrySources(manifest).map((source) => `${folder}/${source}`),
    ),
  )
  const parts = [...importersOf(importGraph(repository))].flatMap(([path, [user, ...others]]) => {
    const lines = linesOf(repository, path)
    const isPart = user !== undefined && others.length === 0 && !entries.has(user) && lines < PART_LINES
    return isPart ? [{ path, user, lines }] : []
  })
  const named = new Set(parts.map(({ path }) => path))
  return [
    ...parts
      .filter(({ path }) => !(path in reasons))
      .map(
        ({ path, user, lines }) =>
          `${path}: ${lines} lines that only ${user} imports: a part of it. Merge the two, or state the reason in the budget test.`,
      ),
    ...Object.keys(reasons)
      .filter((path) => !named.has(path))
      .map((path) => `${path}: has a reason for standing alone but needs none. Remove the reason.`),
  ]
}

const linesOf = (repository: Pick<Repository, 'read'>, path: string): number =>
  repository.read(path).trimEnd().split('\n').length

function lengthViolation(path: string, lines: number, reasons: Readonly<Record<string, string>>): string[] {
  if (lines > MOST_LINES) return [`${path}: ${lines} lines: at most ${MOST_LINES}. Split it by what it does.`]
  if (lines <= QUESTIONED_LINES || path in reasons) return []
  return [
    `${path}: ${lines} lines: above ${QUESTIONED_LINES} a file needs a reason. Split it by what it does, or state the reason in the budget test.`,
  ]
}
