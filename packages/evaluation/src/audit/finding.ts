/** What an audit looks for. */
export type AuditCheck = 'windows' | 'aliases' | 'ahead' | 'physics' | 'replay'

/** One column that may tell what had not happened yet. */
export interface AuditFinding {
  readonly check: AuditCheck
  readonly column: string
  /** A leak fails the audit; a warning is for a person to judge. */
  readonly severity: 'leak' | 'warning'
  /** What was seen, with its figures. */
  readonly statement: string
  /** What to do about it. */
  readonly fix: string
  /** Rows that the statement is about. */
  readonly rows: number
}
