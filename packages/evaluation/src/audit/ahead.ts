import { ANCHOR_SECONDS, ANCHORS, type FeatureSpec, stringColumn, type Table } from '@breakwater/features'
import type { AuditFinding } from './finding.ts'
import { agreement, type Agreement, evenly, type Sample, samplesOf } from './samples.ts'

/** Agreement with a later move from which a column has seen it. */
const SEEN = 0.25
/** Rows of each half of the sessions that are compared. */
const ROWS = 4000

/** A change of price from `from` to `to` seconds after the touch minute's start, dollars; raw, and in the direction of approach. */
interface Move {
  readonly from: number
  readonly to: number
  readonly samples: readonly Sample[]
}

/**
 * Features whose values go with moves of price that begin after the features say they are known: agreement of .25 or more, of one
 * sign, in both the earlier and the later half of the sessions. Moves run between the close of the touch minute and the prices at the
 * anchors, raw and in the direction of approach. What a feature honestly tells of a later move of SPY stays below .1. Columns
 * of an order book, of the tape or of options are reported as `physics`: their windows are fixed by the table that they come from.
 */
export function findAhead(table: Table, features: readonly FeatureSpec[]): AuditFinding[] {
  const moves = movesOf(table)
  const halves = sessionHalves(table).map((rows) => evenly(rows, ROWS))
  return features.flatMap((feature) => {
    const later = moves.filter(({ from }) => from >= (feature.knownAfterS ?? 0))
    const found = samplesOf(table, feature.name)
      .flatMap((sample) =>
        later.flatMap((move) =>
          move.samples.map((label) => ({ sample, move, label, seen: inBoth(sample, label, halves) })),
        ),
      )
      .filter(({ seen }) => seen !== null)
      .toSorted((a, b) => Math.abs(b.seen?.value ?? 0) - Math.abs(a.seen?.value ?? 0))[0]
    if (found?.seen == null) return []
    const { sample, move, label, seen } = found
    const isPhysics = /physics|pressure|velocity/u.test(feature.group)
    return [
      {
        check: isPhysics ? ('physics' as const) : ('ahead' as const),
        column: feature.name,
        severity: 'leak' as const,
        statement:
          `${sample.name} is said to be known ${feature.knownAfterS ?? 0} s after the touch minute began, and agrees with ` +
          `${label.name} from ${move.from} s to ${move.to} s: ${seen.value.toFixed(3)} in both halves of the sessions`,
        fix: isPhysics
          ? 'Compute the table from readings up to its time stamps, or raise known_after_s to the end of its window.'
          : 'Compute the column from bars that had ended, or raise its known_after_s to the end of its window.',
        rows: seen.rows,
      },
    ]
  })
}

/** The agreement that is weaker of the two halves; null where one lacks it, is weak, or has the other sign. */
function inBoth(a: Sample, b: Sample, halves: readonly (readonly number[])[]): Agreement | null {
  const [one, other] = halves.map((rows) => agreement(a.values, b.values, rows))
  if (one == null || other == null || Math.sign(one.value) !== Math.sign(other.value)) return null
  const weaker = Math.abs(one.value) < Math.abs(other.value) ? one : other
  return Math.abs(weaker.value) < SEEN ? null : { value: weaker.value, rows: one.rows + other.rows }
}

function movesOf(table: Table): Move[] {
  const signs = samplesOf(table, 'direction').find(({ name }) => name === 'direction=UP')?.values
  const prices = [
    { seconds: 60, values: samplesOf(table, 'spot')[0]?.values },
    ...ANCHORS.map((anchor) => ({
      seconds: ANCHOR_SECONDS[anchor],
      values: (samplesOf(table, `anchor_spot_${anchor}`)[0] ?? samplesOf(table, 'anchor_spot')[0])?.values,
    })),
  ]
  return prices.slice(1).flatMap(({ seconds, values: end }, i): Move[] => {
    const { seconds: from = 0, values: start } = prices[i] ?? {}
    if (start === undefined || end === undefined) return []
    const raw = end.map((price, row) => price - (start[row] as number))
    const along = raw.map((move, row) => (signs === undefined ? Number.NaN : signs[row] === 1 ? move : -move))
    return [
      {
        from,
        to: seconds,
        samples: [
          { name: 'the move', values: raw },
          { name: 'the move in the direction of approach', values: along },
        ],
      },
    ]
  })
}

/** Rows of the earlier and of the later half of the sessions. */
function sessionHalves(table: Table): [number[], number[]] {
  const { codes, dictionary } = stringColumn(table, 'date')
  const sorted = dictionary.toSorted()
  const middle = sorted[Math.floor(sorted.length / 2)] ?? ''
  const isEarly = (row: number): boolean => (dictionary[codes[row] as number] ?? '') < middle
  const rows = [...codes.keys()]
  return [rows.filter((row) => isEarly(row)), rows.filter((row) => !isEarly(row))]
}
