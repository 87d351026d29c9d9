const TOKEN = /^[^\s.*>]+$/

/** Throws unless `subject` is one to subscribe to: tokens parted by dots, of which `*` and a last `>` match others. */
function checkSubject(flag: string, subject: string): void {
  const tokens = subject.split('.')
  const ok = tokens.every(
    (token, i) => token === '*' || TOKEN.test(token) || (token === '>' && i === tokens.length - 1),
  )
  if (!ok) throw new RangeError(`bus: ${flag}=${subject}: is not a NATS subject. Write it like levels.raw.`)
}

/** Whether some subject matches both; `*` stands for one token, a last `>` for one or more. */
export function overlap(a: string, b: string): boolean {
  const [x, y] = [a.split('.'), b.split('.')]
  for (let i = 0; ; i++) {
    const [one, other] = [x[i], y[i]]
    if (one === undefined || other === undefined) return one === other
    if (one === '>' || other === '>') return true
    if (one !== '*' && other !== '*' && one !== other) return false
  }
}

/** Whether every subject that `held` matches is one that `wanted` matches. */
export function covers(wanted: string, held: string): boolean {
  const [x, y] = [wanted.split('.'), held.split('.')]
  for (let i = 0; ; i++) {
    const [one, other] = [x[i], y[i]]
    if (one === '>') return other !== undefined
    if (one === undefined || other === undefined) return one === other
    if (other === '>' || (one !== '*' && one !== other)) return false
  }
}

/** The subjects of a scorer on the bus. */
export interface Subjects {
  /** Requests with a snapshot; the reply is the payload. */
  readonly score: string
  /** Level payloads that are read, scored and published on `publish`; null for none. */
  readonly enrich: string | null
  readonly publish: string
}

/** Throws unless the subjects can be used together: what is published must not come back as input. */
export function checkSubjects({ score, enrich, publish }: Subjects): void {
  checkSubject('--subject', score)
  checkSubject('--publish', publish)
  if (/[*>]/.test(publish))
    throw new RangeError(`bus: --publish=${publish}: must not contain a wildcard. Name one subject.`)
  if (enrich !== null) checkSubject('--enrich', enrich)
  for (const [flag, subject] of [['--enrich', enrich] as const, ['--subject', score] as const]) {
    if (subject === null || !overlap(subject, publish)) continue
    throw new RangeError(
      `bus: ${flag}=${subject}: matches --publish=${publish}: the scorer would read what it publishes. Choose subjects that do not overlap.`,
    )
  }
}
