/** What one check of the doctor found. */
export interface Finding {
  readonly name: string
  /** `fail`: a command will not work. `warn`: something will be slow, or is absent that only some commands need. */
  readonly status: 'ok' | 'warn' | 'fail'
  readonly text: string
  /** What to do about it; absent where nothing needs doing. */
  readonly fix?: string
}

/** A check that passed. */
export function ok(name: string, text: string): Finding {
  return { name, status: 'ok', text }
}

/** Something that some commands need, or that will be slow. */
export function warn(name: string, text: string, fix: string): Finding {
  return { name, status: 'warn', text, fix }
}

/** Something without which a command will not work. */
export function fail(name: string, text: string, fix: string): Finding {
  return { name, status: 'fail', text, fix }
}

const WORDS: Readonly<Record<Finding['status'], string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' }

/** The verdict first, then one line a finding, and under it what to do; last the command to run next. */
export function findingsText(findings: readonly Finding[]): string {
  const count = (status: Finding['status']): number => findings.filter((each) => each.status === status).length
  const [failed, warned] = [count('fail'), count('warn')]
  const verdict =
    failed > 0
      ? `${failed} of ${findings.length} checks failed`
      : warned > 0
        ? `usable, ${warned} to look at`
        : 'all well'
  const width = Math.max(...findings.map(({ name }) => name.length))
  const lines = findings.flatMap(({ name, status, text, fix }) => [
    `${WORDS[status]}  ${name.padEnd(width)}  ${text}`,
    ...(fix === undefined ? [] : [`${' '.repeat(width + 8)}${fix}`]),
  ])
  return `${verdict}\n\n${lines.join('\n')}\n\nNext: ${nextOf(findings)}\n`
}

/** What failed comes first; then the step that has not been made. */
function nextOf(findings: readonly Finding[]): string {
  if (findings.some(({ status }) => status === 'fail'))
    return 'do what it says under each FAIL, then run breakwater doctor'
  const lacks = (part: string): boolean => findings.some(({ name, status }) => name === part && status === 'warn')
  if (lacks('signals')) return 'breakwater check --bars <file>, or breakwater demo'
  return lacks('models') ? 'breakwater train' : 'breakwater evaluate'
}
