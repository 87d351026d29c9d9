import { headName } from '@breakwater/features'
import type { Job } from '@breakwater/jobs'
import { foldRows } from '@breakwater/splits'
import { sessionRanks } from '../fit/calibrators.ts'
import type { FitPlan, FittedSet, PlannedSet } from '../fit/fit-set.ts'
import type { CalibratedFold } from '../fit/calibrated-fold.ts'
import type { DirectionEvidence } from '../fit/fold-serving.ts'
import type { FeatureGroup } from '../fit/fold.ts'
import { fitMix, type MixRecord, type MixRows } from '../fit/mix.ts'
import type { NeighbourOptions } from '../index/fit-index.ts'
import { gateBiases } from '../serve/serve.ts'
import { indexJob, indexResult } from './index-jobs.ts'
import { doJobs, type JobsOptions } from './run-jobs.ts'

/** What mixes are fitted for. */
export interface MixRequest {
  readonly plan: FitPlan
  readonly set: PlannedSet
  readonly fitted: Pick<FittedSet, 'folds'>
  /** As the jobs name their data. */
  readonly data: string
  readonly neighbours: NeighbourOptions
}

interface Asked {
  readonly fold: CalibratedFold
  readonly group: FeatureGroup
  readonly evidence: DirectionEvidence
  readonly head: string
  readonly job: Job
}

/**
 * Fits the mix of every fold and anchor on forecasts of direction out of fold: the neighbours of a touch are asked of an index of the training rows of
 * the models that forecast it, as of its anchor, a job for each. Throws with the reasons where jobs fail.
 */
export async function fitMixesByJobs(request: MixRequest, options: JobsOptions): Promise<MixRecord[]> {
  const { plan, set, fitted, neighbours } = request
  const asked = fitted.folds.flatMap((fold) =>
    set.groups.flatMap((group) =>
      fold.directions.flatMap((evidence) => askedOf(request, options, { fold, group, evidence })),
    ),
  )
  await doJobs(
    asked.map(({ job }) => job),
    options,
  )
  const sessions = sessionRanks(plan.signals.table)
  const records: MixRecord[] = []
  for (const fold of fitted.folds) {
    for (const { anchor } of set.groups) {
      const parts = asked.filter((one) => one.fold === fold && one.group.anchor === anchor)
      const bias = gateBiases(plan.signals, anchor)
      const rows: Record<keyof MixRows, number[]> = { p: [], vote: [], bias: [], label: [], sessions: [] }
      for (const part of parts) {
        const columns = (await indexResult(part.job, options.results)).get(String(neighbours.k))
        const target = plan.targets.find(({ name }) => name === part.head)
        const own = part.evidence.values.get(part.head)
        for (const [i, row] of part.evidence.rows.entries()) {
          const p = own?.[i] ?? Number.NaN
          if (target?.mask[row] !== 1 || Number.isNaN(p)) continue
          const isAsked = !Number.isNaN(columns?.distancePercentile[i])
          rows.p.push(p)
          rows.vote.push(isAsked ? (columns?.pBreakGivenTradeable[i] ?? Number.NaN) : Number.NaN)
          rows.bias.push(bias(row))
          rows.label.push(target.values[row] as number)
          rows.sessions.push(sessions[row] as number)
        }
      }
      records.push({ fold: fold.fold.index, anchor, ...fitMix(rows) })
    }
  }
  return records
}

/** The job of one index and its questions; none where there is nothing to ask or to index. */
function askedOf(
  { plan, data, neighbours }: MixRequest,
  { program }: JobsOptions,
  { fold, group, evidence }: Pick<Asked, 'fold' | 'group' | 'evidence'>,
): Asked[] {
  const { anchor, features } = group
  const head = headName({ kind: 'direction' }, anchor)
  const train = foldRows(evidence.fold, plan.rows).train
  if (!evidence.values.has(head) || evidence.rows.length === 0 || !train.includes(1)) return []
  const question = { features, options: { ...neighbours, anchor }, ks: [neighbours.k] }
  const job = indexJob({ program, data }, question, { fold: evidence.fold.index, train }, evidence.rows)
  return [{ fold, group, evidence, head, job }]
}
