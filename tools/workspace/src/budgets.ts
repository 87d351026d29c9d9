import type { Repository } from './repository.ts'

/** No source file may be longer than this many lines. */
export const MOST_LINES = 500

/** A source file longer than this needs a reason. */
export const QUESTIONED_LINES = 300

/**
 * Source files over budget: above {@link MOST_LINES} lines always, above {@link QUESTIONED_LINES} unless `reasons` names
 * the file, and entries of `reasons` that no longer need one. Counts every TypeScript and JavaScript file, tests too.
 */
export function budgetViolations(
  repository: Pick<Repository, 'files' | 'read'>,
  reasons: Readonly<Record<string, string>>,
): string[] {
  const lengths = new Map(
    repository.files
      .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
      .map((path) => [path, repository.read(path).trimEnd().split('\n').length]),
  )
  const long = [...lengths].flatMap(([path, lines]) => lengthViolation(path, lines, reasons))
  const stale = Object.keys(reasons).filter((path) => (lengths.get(path) ?? 0) <= QUESTIONED_LINES)
  return [...long, ...stale.map((path) => `${path}: has a reason for its length but needs none. Remove the reason.`)]
}

function lengthViolation(path: string, lines: number, reasons: Readonly<Record<string, string>>): string[] {
  if (lines > MOST_LINES) return [`${path}: ${lines} lines: at most ${MOST_LINES}. Split it by what it does.`]
  if (lines <= QUESTIONED_LINES || path in reasons) return []
  return [
    `${path}: ${lines} lines: above ${QUESTIONED_LINES} a file needs a reason. Split it by what it does, or state the reason in the budget test.`,
  ]
}
