import type { PairedGain } from '../challenger/gain.ts'
import type { ChallengerCounts } from '../challenger/budget.ts'
import type { AuditCounts } from '../audit/log.ts'
import type { HeadStanding } from '../alarms/watch.ts'
import type { LiveScore } from '../scores/live-scores.ts'
import type { JoinCounts } from '../outcomes/state.ts'
import type { AlarmEvent } from './observer.ts'
import type { Watch } from './watch.ts'

/** How a watched scorer stands: plain JSON, for the live page and other programs. */
export interface Health {
  readonly version: 1
  /** The newest first. */
  readonly alarms: readonly AlarmEvent[]
  /** By falling evidence. */
  readonly heads: readonly (Pick<HeadStanding, 'head' | 'evidence' | 'votes' | 'alarmed'> & {
    readonly today: LiveScore | null
    readonly recent: LiveScore | null
  })[]
  readonly outcomes: JoinCounts
  readonly challenger: { readonly counts: ChallengerCounts; readonly gain: PairedGain } | null
  readonly audit: AuditCounts | null
}

/** The health of a watch, as it is now. Cost: sums over the sessions of every head, some milliseconds. */
export function healthOf({ observer, challenger, audit }: Watch): Health {
  const { monitor, alarms } = observer
  const standings = new Map(monitor.standings().map((standing) => [standing.head, standing]))
  const names = new Set([...standings.keys(), ...monitor.scores.heads()])
  const heads = [...names].map((head) => {
    const { evidence = 1, votes = 0, alarmed = false } = standings.get(head) ?? {}
    const [today, recent] = [monitor.scores.score(head, 'today'), monitor.scores.score(head, 'recent')]
    return { head, evidence, votes, alarmed, today, recent }
  })
  return {
    version: 1,
    alarms: alarms.toReversed(),
    heads: heads.toSorted((a, b) => b.evidence - a.evidence || a.head.localeCompare(b.head)),
    outcomes: { ...monitor.counts },
    challenger: challenger === null ? null : { counts: { ...challenger.counts }, gain: challenger.gain },
    audit: audit === null ? null : { ...audit.counts },
  }
}
