import { ANCHOR_SECONDS, ANCHORS, type FeatureSpec, type Schema, type Table } from '@breakwater/features'
import { findAhead } from './ahead.ts'
import { findAliases } from './aliases.ts'
import type { AuditFinding } from './finding.ts'
import { type Replay, replayHistory, type ReplayRequest } from './replay.ts'

/** What to audit. */
export interface AuditRequest {
  readonly schema: Schema
  /** Signals, with every column that the schema describes and the file has. */
  readonly table: Table
  /** Where there are bars: they, and how signals are made of them. */
  readonly replay?: Omit<ReplayRequest, 'table' | 'features'> | undefined
}

/** What an audit found. */
export interface Audit {
  /** Whether no leak was found; warnings do not count. */
  readonly clean: boolean
  readonly rows: number
  /** Features that were looked at. */
  readonly features: number
  /** History that was replayed; null without bars. */
  readonly replay: Omit<Replay, 'findings'> | null
  readonly findings: readonly AuditFinding[]
}

/**
 * Looks for features that tell what had not happened yet: `windows` of features against the anchors, `aliases` of labels, columns that
 * go with moves `ahead` of when they are known, tables of `physics` that do, and the `replay` of truncated history. Features are the
 * columns of that role which the table has and no note of look-ahead excludes. A clean audit proves nothing: a weak leak stays below its
 * thresholds. Seconds for 100,000 rows, and the time of building signals of a few sessions for each cut.
 */
export function auditSignals({ schema, table, replay: history }: AuditRequest): Audit {
  const features = schema.columns.filter(
    ({ role, name, lookahead }) => role === 'feature' && lookahead === undefined && name in table.columns,
  )
  const replay = history === undefined ? null : replayHistory({ ...history, table, features })
  const findings = [
    ...findWindows(features),
    ...findAliases(schema, table, features),
    ...findAhead(table, features),
    ...(replay?.findings ?? []),
  ]
  return {
    clean: findings.every(({ severity }) => severity !== 'leak'),
    rows: table.rows,
    features: features.length,
    replay: replay === null ? null : { cuts: replay.cuts, values: replay.values },
    findings,
  }
}

/** Features whose times do not fit the anchors: no time at all, or one after the last anchor, so that no head can see them. */
function findWindows(features: readonly FeatureSpec[]): AuditFinding[] {
  const last = Math.max(...ANCHORS.map((anchor) => ANCHOR_SECONDS[anchor]))
  return features.flatMap(({ name, knownAfterS }): AuditFinding[] => {
    if (knownAfterS !== undefined && knownAfterS <= last) return []
    const none = knownAfterS === undefined
    return [
      {
        check: 'windows',
        column: name,
        severity: none ? 'leak' : 'warning',
        statement: none
          ? 'does not say when it is known, so that heads of any anchor see it'
          : `is known ${knownAfterS} s after the touch minute began, after the last anchor at ${last} s: no head sees it`,
        fix: none ? 'Give it a known_after_s in features.json.' : 'Leave it out, or compute it over a shorter window.',
        rows: 0,
      },
    ]
  })
}
