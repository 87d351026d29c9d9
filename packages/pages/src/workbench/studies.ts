import type { WorkbenchDrift, WorkbenchDrifts, WorkbenchEquities, WorkbenchEquity, WorkbenchScore } from './data.ts'

/** A set with what was computed of it. */
interface StudiedSet {
  readonly name: string
  readonly equity: () => WorkbenchEquity | null
  readonly drift: () => WorkbenchDrift | null
}

const DOLLAR_DIGITS = 4
const INDEX_DIGITS = 2
const SHARE_DIGITS = 3

/** The equity of the rules of each set, dollars rounded to hundredths of a cent. */
export function workbenchEquities(sets: readonly StudiedSet[]): WorkbenchEquities {
  return { sets: bySet(sets, ({ equity }) => equity(), roundedEquity) }
}

/** The drift of each set, the index rounded to two digits and shares to three; shares that are 0 in all sessions are left out. */
export function workbenchDrifts(sets: readonly StudiedSet[]): WorkbenchDrifts {
  return { sets: bySet(sets, ({ drift }) => drift(), roundedDrift) }
}

function bySet<T>(
  sets: readonly StudiedSet[],
  of: (set: StudiedSet) => T | null,
  round: (value: T) => T,
): Record<string, T> {
  return Object.fromEntries(
    sets.flatMap((set) => {
      const found = of(set)
      return found === null ? [] : [[set.name, round(found)]]
    }),
  )
}

const to = (digits: number, value: number): number => Number(value.toFixed(digits))
const maybe = (digits: number, value: number | null): number | null => (value === null ? null : to(digits, value))
const score = ({ estimate, low, high }: WorkbenchScore): WorkbenchScore => ({
  estimate: maybe(DOLLAR_DIGITS, estimate),
  low: maybe(DOLLAR_DIGITS, low),
  high: maybe(DOLLAR_DIGITS, high),
})

function roundedEquity({ cost, holdSeconds, level, dates, rules }: WorkbenchEquity): WorkbenchEquity {
  return {
    cost,
    holdSeconds,
    level,
    dates,
    rules: rules.map(({ anchor, least, trades, overlapping, unresolved, won, ...rule }) => ({
      anchor,
      least,
      trades,
      overlapping,
      unresolved,
      won: maybe(DOLLAR_DIGITS, won),
      perTrade: score(rule.perTrade),
      total: score(rule.total),
      cumulative: rule.cumulative.map((value) => to(DOLLAR_DIGITS, value)),
      low: rule.low.map((value) => maybe(DOLLAR_DIGITS, value)),
      high: rule.high.map((value) => maybe(DOLLAR_DIGITS, value)),
    })),
  }
}

const shares = (values: readonly number[]): number[] =>
  values.every((value) => value === 0) ? [] : values.map((value) => to(SHARE_DIGITS, value))

function roundedDrift({ dates, rows, trained, features }: WorkbenchDrift): WorkbenchDrift {
  return {
    dates,
    rows,
    trained,
    features: features.map((feature) => ({
      name: feature.name,
      missingInTraining: to(SHARE_DIGITS, feature.missingInTraining),
      meanInTraining: maybe(INDEX_DIGITS, feature.meanInTraining),
      meanAfter: maybe(INDEX_DIGITS, feature.meanAfter),
      stability: feature.stability.map((value) => maybe(INDEX_DIGITS, value)),
      missing: shares(feature.missing),
      unseen: shares(feature.unseen),
    })),
  }
}
