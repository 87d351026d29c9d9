import {
  type Bars,
  buildSignals,
  collectMoments,
  type Column,
  type Encoder,
  type FeatureSpec,
  fitEncoder,
  type Matrix,
  numbersOf,
  rangeProfile,
  type Schema,
  selectFeatures,
  type Table,
  touchMoments,
} from '@breakwater/features'
import { featuresAtMoments, headOutcomes, type HeadSpec, type LawFeatures, lawFeatures } from '@breakwater/models'
import { uniforms } from '../test/seeded.ts'

const CYCLE = 12

/** Sessions by number: trained on [0, train), stopped on [train, validation), tested on [validation, test). */
export interface Split {
  readonly name: string
  readonly train: number
  readonly validation: number
  readonly test: number
}

/** One moment a touch, with features and outcomes, and the rows of a split. */
export interface SplitMoments {
  readonly table: Table
  readonly sessions: Int32Array
  readonly features: Matrix
  /** How rows become `features`. */
  readonly encoding: LawFeatures
  readonly profile: Float64Array
  /** `[row * heads + head]`, -1 where masked. */
  readonly labels: Int8Array
  readonly train: Uint8Array
  readonly validation: Uint8Array
  readonly test: Uint8Array
}

/** Bars with the touches made from them. */
export interface Touches {
  readonly bars: Bars
  readonly signals: Table
  readonly schema: Schema
}

/** Touches of levels in bars, with thresholds, and physics where there are any. */
export function touchesIn(bars: Bars, schema: Schema, thresholds: readonly [number, number], physics?: Table): Touches {
  const { table } = buildSignals(bars, { thresholds, ...(physics !== undefined && { physics }) })
  return { bars, signals: table, schema }
}

/** Touch number t of the file is looked at m whole minutes after its start, (t + 5m) % 12 == 0, m = 1..12. */
function minutesAfter(touch: number): readonly number[] {
  for (let m = 1; m <= CYCLE; m++) if (((touch % CYCLE) + 5 * m) % CYCLE === 0) return [m]
  throw new Error('bench: unreachable, 5 and 12 have no common divisor')
}

/** The moments of a split: profile and encoder see its training sessions alone. */
export function splitMoments({ bars, signals, schema }: Touches, spec: HeadSpec, split: Split): SplitMoments {
  const { thresholds, window } = spec
  const settings = { thresholds, lookforward: window / 60, minutes: minutesAfter }
  const dates = [...touchMoments(bars, signals, settings)].map(({ date }) => date)
  const profile = rangeProfile(bars, { dates: dates.slice(0, split.train) })
  const moments = collectMoments(touchMoments(bars, signals, { ...settings, profile }))
  const { sessions } = moments
  const between = (from: number, to: number): Uint8Array =>
    Uint8Array.from(sessions, (session) => Number(session >= from && session < to))
  const known = featuresOf(signals, schema)
  const trained = new Uint8Array(signals.rows)
  for (const [row, touch] of moments.touchRows.entries())
    if ((sessions[row] as number) < split.train) trained[touch] = 1
  const encoder: Encoder = fitEncoder(signals, known, { rows: trained })
  const encoding = lawFeatures(encoder, known)
  return {
    table: moments.table,
    sessions,
    features: featuresAtMoments({ signals, moments, features: encoding }),
    encoding,
    profile,
    labels: headOutcomes(moments.table, spec),
    train: between(0, split.train),
    validation: between(split.train, split.validation),
    test: between(split.validation, split.test),
  }
}

/**
 * The moments with the features of others: a session's rows take those of another session of its part (train, validation, test), row by row and
 * from the start again where it has fewer. What features say of a path is gone; the numbers of the moment stay.
 */
export function shuffledSessions(moments: SplitMoments, seed: number): SplitMoments {
  const { features, sessions, train, validation } = moments
  const next = uniforms(seed)
  const rowsBySession = new Map<number, number[]>()
  for (const [row, session] of sessions.entries()) {
    const rows = rowsBySession.get(session) ?? []
    rows.push(row)
    rowsBySession.set(session, rows)
  }
  const partOf = (row: number): number => (train[row] !== 0 ? 0 : validation[row] !== 0 ? 1 : 2)
  const source = new Int32Array(features.rows)
  for (const part of [0, 1, 2]) {
    const own = [...rowsBySession.values()].filter(([row]) => row !== undefined && partOf(row) === part)
    const other = own.map((rows) => [next(), rows] as const).toSorted(([a], [b]) => a - b)
    for (const [s, rows] of own.entries()) {
      const from = other[s]?.[1] ?? rows
      for (const [i, row] of rows.entries()) source[row] = from[i % from.length] as number
    }
  }
  const values = features.values.map((_, i) => {
    const row = i % features.rows
    return features.values[i - row + (source[row] as number)] as number
  })
  return { ...moments, features: { ...features, values } }
}

/** What is seen of a path after a moment. */
const OUTCOMES = [
  'time_to_break_1',
  'time_to_bounce_1',
  'time_to_break_2',
  'time_to_bounce_2',
  'excursion_max',
  'excursion_min',
] as const
/** Moments in a group within which outcomes are exchanged. */
const GROUP = 8
/** Groups of the first number, within which the second puts moments in order. */
const BANDS = 60

/**
 * The moments with the outcomes of others: within each part, moments to which `like` gives numbers near to one another exchange them, whole rows, those
 * with a whole label window among themselves. With what the law says of a moment as `like`, outcomes are as likely under the law as before, and
 * nothing else that is known of a moment says anything about them.
 */
export function shuffledOutcomes(
  moments: SplitMoments,
  [first, second]: readonly [ArrayLike<number>, ArrayLike<number>],
  { seed, spec }: { readonly seed: number; readonly spec: HeadSpec },
): SplitMoments {
  const { table, sessions, train, validation } = moments
  const next = uniforms(seed)
  const left = numbersOf(table, 'window_s')
  const kind = (row: number): number =>
    (train[row] !== 0 ? 0 : validation[row] !== 0 ? 1 : 2) * 2 + Number((left[row] as number) >= spec.window)
  const source = Int32Array.from(sessions.keys())
  for (let part = 0; part < 6; part++) {
    const rows = Array.from(sessions.keys()).filter((row) => kind(row) === part && Number.isFinite(first[row]))
    for (const group of groupsOf(rows, first, second)) {
      const others = group.map((row) => [next(), row] as const).toSorted(([a], [b]) => a - b)
      for (const [i, row] of group.entries()) source[row] = others[i]?.[1] ?? row
    }
  }
  const columns: Record<string, Column> = { ...table.columns }
  for (const name of OUTCOMES) {
    const values = numbersOf(table, name)
    columns[name] = { type: 'number', values: Float64Array.from(source, (row) => values[row] as number) }
  }
  const exchanged = { ...table, columns }
  return { ...moments, table: exchanged, labels: headOutcomes(exchanged, spec) }
}

const by =
  (values: ArrayLike<number>) =>
  (a: number, b: number): number =>
    (values[a] as number) - (values[b] as number)

/** Groups of rows to which both numbers are near to one another. */
function groupsOf(rows: readonly number[], first: ArrayLike<number>, second: ArrayLike<number>): number[][] {
  const inOrder = rows.toSorted(by(first))
  const width = Math.max(GROUP, Math.ceil(inOrder.length / BANDS))
  const bands = Array.from({ length: Math.ceil(inOrder.length / width) }, (_, i) =>
    inOrder.slice(i * width, (i + 1) * width).toSorted(by(second)),
  )
  return bands.flatMap((band) =>
    Array.from({ length: Math.ceil(band.length / GROUP) }, (_, i) => band.slice(i * GROUP, (i + 1) * GROUP)),
  )
}

/** Features of every stage that the signals have a value of: bars alone give no readings of the order book. */
function featuresOf(signals: Table, schema: Schema): readonly FeatureSpec[] {
  return selectFeatures(schema, { stage: 'stage_b', ablation: 'full' }).features.filter(({ name }) =>
    hasValues(signals.columns[name]),
  )
}

function hasValues(column: Column | undefined): boolean {
  if (column?.type === 'string') return column.codes.some((code) => code >= 0)
  return column?.type === 'number' && column.values.some((value) => !Number.isNaN(value))
}

/** Rows of a mask where price is known. */
export function scoredRows({ table, test }: SplitMoments): number[] {
  const moved = numbersOf(table, 'moved')
  return Array.from(test.keys()).filter((row) => test[row] !== 0 && Number.isFinite(moved[row]))
}
