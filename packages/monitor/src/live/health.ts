import type { TestedHead } from '@breakwater/models'
import type { PairedGain } from '../challenger/gain.ts'
import type { ChallengerCounts } from '../challenger/budget.ts'
import type { AuditCounts } from '../audit/log.ts'
import type { HeadStanding } from '../alarms/watch.ts'
import type { LiveScore } from '../scores/live-scores.ts'
import type { JoinCounts } from '../outcomes/state.ts'
import type { FeatureDrift } from '../drift/drift.ts'
import type { AlarmEvent } from './alarm-event.ts'
import type { ServedModels } from './served-models.ts'
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
    /** How the head and the law did on test rows, at the anchor; null where the bundle does not say, and for numbers given a touch. */
    readonly tested: TestedHead | null
  })[]
  readonly outcomes: JoinCounts
  readonly features: FeatureHealth
  readonly challenger: { readonly counts: ChallengerCounts; readonly gain: PairedGain } | null
  readonly audit: AuditCounts | null
}

/** How the rows of this session compare with training, and with batch. */
export interface FeatureHealth {
  /** By falling evidence; empty where the models that serve have no baseline. */
  readonly drift: readonly FeatureDrift[]
  /** Share of this session's look-ups of confirmed touches that are unlike anything indexed; null before the first. */
  readonly outOfDistribution: number | null
  readonly skew: { readonly same: number; readonly skewed: number; readonly absent: number }
}

/** The test figures of a head as it is watched: those about now and those at the anchor are held against them. */
function testedAs(served: ServedModels | null, head: string): TestedHead | null {
  return served?.tested.get(head.replace(/ anchored$/, '')) ?? null
}

function featureHealth({ drift, skew: { same, skewed, absent } }: Watch['features']): FeatureHealth {
  const features = drift?.features() ?? []
  return {
    drift: features.toSorted((a, b) => b.evidence - a.evidence || a.name.localeCompare(b.name)),
    outOfDistribution: drift?.outOfDistribution() ?? null,
    skew: { same, skewed, absent },
  }
}

/** The health of a watch, as it is now. Cost: sums over the sessions of every head, some milliseconds. */
export function healthOf({ observer, features, alarms, challenger, audit }: Watch): Health {
  const { monitor } = observer
  const standings = new Map(monitor.standings().map((standing) => [standing.head, standing]))
  const names = new Set([...standings.keys(), ...monitor.scores.heads()])
  const heads = [...names].map((head) => {
    const { evidence = 1, votes = 0, alarmed = false } = standings.get(head) ?? {}
    const [today, recent] = [monitor.scores.score(head, 'today'), monitor.scores.score(head, 'recent')]
    const tested = testedAs(features.served, head)
    return { head, evidence, votes, alarmed, today, recent, tested }
  })
  return {
    version: 1,
    alarms: alarms.toReversed(),
    heads: heads.toSorted((a, b) => b.evidence - a.evidence || a.head.localeCompare(b.head)),
    outcomes: { ...monitor.counts },
    features: featureHealth(features),
    challenger: challenger === null ? null : { counts: { ...challenger.counts }, gain: challenger.gain },
    audit: audit === null ? null : { ...audit.counts },
  }
}
