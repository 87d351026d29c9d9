import { documentOf } from './html/document.ts'
import { html } from './html/html.ts'
import { rowHeading, table, textCell } from './html/table.ts'
import { auditLines, type AuditSummary, auditVerdict } from './text/audit.ts'

/** The page of an audit: the verdict, what was looked at, and the findings. Without charts, script or network; the same audit gives the same bytes. */
export function renderAuditPage(audit: AuditSummary): string {
  const headings = ['column', 'severity', 'check', 'what was seen', 'what to do'].map((name) => ({ name }))
  const rows = audit.findings.map(({ column, severity, check, statement, fix }) => [
    rowHeading(column),
    textCell(severity),
    textCell(check),
    textCell(statement),
    textCell(fix),
  ])
  const body = html`<header>
      <p class="eyebrow">Breakwater: audit of signals</p>
      <h1>${auditVerdict(audit)}</h1>
      <p class="lead">${auditLines(audit).join('; ')}.</p>
    </header>
    ${rows.length === 0 ? null : table('Columns that may reveal what had not happened yet', headings, rows)}`
  return documentOf(`Audit of ${audit.files[0] ?? 'signals'}`, body)
}
