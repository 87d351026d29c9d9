import type { TrainingDetails } from '../training/details.ts'

/** Which sessions an index is fitted on. */
export interface IndexDates {
  readonly dates: readonly string[]
  /** Whether the user named them. */
  readonly named: boolean
}

/**
 * The training dates of the set's last fold, whose models the bundle holds, or the named ones. Throws on a named date that the
 * signals of the set do not have, and on one that is not before every test date of that fold (its validation dates where
 * there are none): a walk-forward violation.
 */
export function indexDates({ plan, data }: TrainingDetails, named: readonly string[] | undefined): IndexDates {
  const last = plan.folds.at(-1)
  if (last === undefined) throw new Error('trainer: the set has no fold. Run `trainer train` again.')
  if (named === undefined) return { dates: last.train, named: false }
  const absent = named.filter((date) => !data.dates.includes(date))
  if (absent.length > 0) {
    throw new Error(
      `trainer: --train-dates ${absent.join(' ')}: no matching dates: the set was trained with signals from ${data.dates[0]} to ${data.dates.at(-1)}. Ask for dates among them.`,
    )
  }
  const [role, scored] = last.test.length > 0 ? ['test', last.test] : ['validation', last.validation]
  const first = scored.toSorted()[0] ?? ''
  const late = named.filter((date) => date >= first)
  if (late.length > 0) {
    throw new Error(
      `trainer: --train-dates ${late.join(' ')}: walk-forward violation: the ${role} dates begin at ${first}. Ask for dates before it.`,
    )
  }
  return { dates: [...new Set(named)].toSorted(), named: true }
}
