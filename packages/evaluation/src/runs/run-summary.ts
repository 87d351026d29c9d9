import { type HeadQuestion, parseHeadName, PRIMARY_ANCHOR } from '@breakwater/features'
import type { TestedHead } from '@breakwater/models'
import type { Run } from '@breakwater/models/node'
import type { RunSkill, RunSummary } from '../documents/runs.ts'

/** A run in one line: when, on what, what it serves, and what that saves of the law's log loss on its test rows. */
export function runSummary({ id, set, trained, isCurrent, details }: Run): RunSummary {
  const { data, plan, predictions, serving, tested } = details
  const choice = serving.at(-1)
  const dates = plan.folds.flatMap((fold) => (predictions.role === 'test' ? fold.test : fold.validation))
  return {
    id,
    stage: set.stage,
    ablation: set.ablation,
    trained,
    current: isCurrent,
    data: {
      hash: data.hash,
      rows: data.rows,
      sessions: data.dates.length,
      firstDate: data.dates[0] ?? '',
      lastDate: data.dates.at(-1) ?? '',
    },
    scored: { role: predictions.role, sessions: new Set(dates).size },
    served: choice === undefined ? null : { kind: choice.kind, reason: choice.reason },
    skill: skillOf(tested ?? []),
  }
}

/** The headline: reach heads of the primary anchor where there are any, else every probability at the first anchor. */
function skillOf(tested: readonly TestedHead[]): RunSkill | null {
  return testedGroup(tested, 'reach') ?? testedGroup(tested, 'all')
}

/**
 * Test figures of the reach heads, or of all probabilities, or of a window's head, at the primary anchor or the first that there is; null
 * where none of them has a law.
 */
export function testedGroup(
  tested: readonly TestedHead[],
  group: RunSkill['group'] | HeadQuestion['kind'],
): RunSkill | null {
  const heads = tested.flatMap(({ name, rows, served, law }) => {
    const parsed = parseHeadName(name)
    if (parsed === null || law === null) return []
    return [{ ...parsed, rows, served: served.logLoss, law: law.logLoss }]
  })
  const anchor = heads.some((head) => head.anchor === PRIMARY_ANCHOR) ? PRIMARY_ANCHOR : heads[0]?.anchor
  const chosen = heads.filter(({ question, ...head }) => {
    return head.anchor === anchor && (group === 'all' || question.kind === group)
  })
  if (chosen.length === 0 || anchor === undefined) return null
  const mean = (read: (head: (typeof chosen)[number]) => number): number =>
    chosen.reduce((sum, head) => sum + read(head), 0) / chosen.length
  return {
    anchor,
    group: group === 'reach' ? 'reach' : 'all',
    heads: chosen.length,
    rows: Math.max(...chosen.map(({ rows }) => rows)),
    log_loss: mean(({ served }) => served),
    law_log_loss: mean(({ law }) => law),
    beyond_law: mean(({ law, served }) => law - served),
  }
}
