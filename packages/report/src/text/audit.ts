import type { Audit } from '@breakwater/evaluation'
import { aligned } from './cells.ts'

/** An audit with the files that it was made of, as a person would write them. */
export interface AuditSummary extends Audit {
  readonly files: readonly string[]
}

/** The verdict in one sentence. */
export function auditVerdict({ clean, findings }: Audit): string {
  const leaks = new Set(findings.filter(({ severity }) => severity === 'leak').map(({ column }) => column)).size
  if (!clean) return `${leaks} ${leaks === 1 ? 'column reveals' : 'columns reveal'} what had not happened yet`
  return findings.length === 0 ? 'No leak was found' : 'No leak was found, with warnings'
}

/** What was looked at, in lines. */
export function auditLines({ rows, features, replay, files }: AuditSummary): string[] {
  return [
    `${files.join(', ')}: ${rows} rows, ${features} features`,
    replay === null
      ? 'history was not replayed: name the bars with --bars'
      : `history replayed at ${replay.cuts} times: ${replay.values} values compared`,
  ]
}

/** An audit for a terminal: what was looked at, one paragraph a finding, the verdict. */
export function auditText(audit: AuditSummary): string {
  const rows = audit.findings.map(({ severity, check, column, statement, fix }) => [
    severity,
    check,
    `${column}: ${statement}. ${fix}`,
  ])
  const lines = [...auditLines(audit), ...(rows.length === 0 ? [] : aligned(rows)), `${auditVerdict(audit)}.`]
  return `${lines.join('\n')}\n`
}
