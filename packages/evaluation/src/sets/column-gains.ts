import { logLoss, type SessionScore, sessionBlockBootstrap } from '@breakwater/calibration'
import { type HeadTarget, PRIMARY_ANCHOR, stringColumn, WINDOW_HEADS } from '@breakwater/features'
import { studyTilt, type TiltStudy } from '@breakwater/models'
import type { TrainedSet } from '@breakwater/models/node'
import type { ColumnGain, ColumnGains, NoColumnGains } from '../documents/explanation.ts'
import { meanOfMeans, type SessionSums } from '../scoring/mean-of-means.ts'
import { figuresOf } from '../side-by-side.ts'
import type { LocatedPart } from './attributions.ts'

/** Touches that are asked about at most; a mean over them moves little with more. */
const MOST_ROWS = 3000
/** Columns that are told one by one. */
const MOST_COLUMNS = 40
/** Shares of the way round the sessions from which values are taken. */
const SHIFTS = [1 / 3, 2 / 3]

const [, DIRECTION] = WINDOW_HEADS

/** What {@link columnGains} reads. */
export interface ColumnGainRequest {
  readonly trained: Pick<TrainedSet, 'details' | 'law'>
  readonly parts: readonly LocatedPart[]
  readonly seed: number
}

/**
 * What each column adds beyond the law at the primary anchor, or the first that was trained: on test rows of the last fold, whose law the
 * set holds, the tilt sees the column of another session, and what is lost of the log loss of the law's surface is what the column added. Values move
 * by whole sessions, so that what holds for a day moves as what changes by the minute does. A reason where nothing can be said. Cost:
 * the law's forecast of {@link MOST_ROWS} moments, twice for each column that the tilt uses.
 */
export function columnGains({ trained, parts, seed }: ColumnGainRequest): ColumnGains | NoColumnGains {
  const { law, details } = trained
  if (law === null) return { reason: 'the set holds no law' }
  if (law.path.tilt === null) return { reason: 'the law has no tilt: validation kept no tree' }
  if (law.path.volatility.profile !== null && parts.some(({ bars }) => bars === undefined))
    return { reason: 'the law reads bars, and those that the signals name are not there' }
  const anchors = details.heads.map(({ anchor }) => anchor)
  const anchor = anchors.includes(PRIMARY_ANCHOR) ? PRIMARY_ANCHOR : (anchors[0] ?? PRIMARY_ANCHOR)
  const fold = details.plan.folds.length - 1
  const thin = Math.max(1, Math.ceil(parts.reduce((sum, part) => sum + count(testRows(part, fold)), 0) / MOST_ROWS))
  const studies = parts.flatMap((part): Studied[] => {
    const study = studyTilt(law, {
      signals: { ...part.signals, bars: part.bars },
      anchor,
      rows: everyNth(testRows(part, fold), thin),
    })
    return study === null || study.rows.length === 0 ? [] : [studied(part, study, anchor)]
  })
  const dates = [...new Set(studies.flatMap(({ sessions }) => sessions))].toSorted()
  if (dates.length < 2) return { reason: 'no two sessions of the last fold were scored' }
  return gainsOf({ studies, dates, seed, anchor })
}

/** A study of a part's moments, with their sessions and the targets of the heads. */
interface Studied {
  readonly study: TiltStudy
  readonly sessions: readonly string[]
  readonly targets: readonly HeadTarget[]
}

function studied({ signals, targets }: LocatedPart, study: TiltStudy, anchor: HeadTarget['anchor']): Studied {
  const { codes, dictionary } = stringColumn(signals.table, 'date')
  return {
    study,
    sessions: Array.from(study.rows, (row) => dictionary[codes[row] ?? -1] ?? ''),
    targets: targets.filter((target) => target.anchor === anchor && target.task === 'binary'),
  }
}

/** Rows of the signals that the last fold tested and that are kept. */
function testRows({ signals, predictions, rows, keep }: LocatedPart, fold: number): Uint8Array {
  const { codes, dictionary } = stringColumn(signals.table, 'date')
  const mask = new Uint8Array(signals.table.rows)
  for (const [place, row] of rows.entries()) {
    if (predictions.fold[place] === fold && keep(dictionary[codes[row] ?? -1] ?? '')) mask[row] = 1
  }
  return mask
}

const count = (mask: Uint8Array): number => mask.reduce((sum, bit) => sum + bit, 0)

function everyNth(mask: Uint8Array, nth: number): Uint8Array {
  let seen = 0
  return mask.map((bit) => Number(bit !== 0 && seen++ % nth === 0))
}

interface Gains {
  readonly studies: readonly Studied[]
  readonly dates: readonly string[]
  readonly seed: number
  readonly anchor: HeadTarget['anchor']
}

/** Log losses of every head by session; `rows` count what they are sums of. */
type Losses = ReadonlyMap<string, SessionSums>

function gainsOf(input: Gains): ColumnGains {
  const { studies, dates, seed, anchor } = input
  const shifts = [...new Set(SHIFTS.map((share) => Math.round(share * dates.length) % dates.length))].filter(
    (s) => s > 0,
  )
  const sources = shifts.map((shift) => studies.map((one) => othersOf(one, dates, shift)))
  const own = lossesOf(
    input,
    [],
    studies.map(({ study }) => Int32Array.from(study.rows.keys())),
  )
  const gain = (columns: readonly string[]): Omit<ColumnGain, 'column'> => {
    const swapped = sources.map((from) => lossesOf(input, columns, from))
    const lost = (names: readonly string[]): SessionScore =>
      meanOfMeans(
        names.map((name) =>
          difference(
            swapped.map((one) => sumsOf(one, name)),
            sumsOf(own, name),
          ),
        ),
      )
    const heads = [...own.keys()]
    const direction = heads.filter((name) => name.startsWith(DIRECTION))
    // One row a session: the scores hold the sums of its rows.
    const { all, one } = sessionBlockBootstrap([...dates.keys()], { all: lost(heads), one: lost(direction) }, { seed })
    const none = { estimate: null, low: null, high: null, reason: 'no row of direction was scored' }
    return { gain: figuresOf(all), direction: direction.length === 0 ? none : figuresOf(one) }
  }
  const columns = [...new Set(studies.flatMap(({ study }) => study.columns))]
  const rest = columns.slice(MOST_COLUMNS)
  const told = columns.slice(0, MOST_COLUMNS).map((column) => ({ column, ...gain([column]) }))
  return {
    anchor,
    rows: studies.reduce((sum, { study }) => sum + study.rows.length, 0),
    sessions: dates.length,
    heads: own.size,
    swaps: shifts.length,
    all: gain(columns),
    columns: told.toSorted((a, b) => (b.gain.estimate ?? 0) - (a.gain.estimate ?? 0) || (a.column < b.column ? -1 : 1)),
    others: rest.length === 0 ? null : { columns: rest, ...gain(rest) },
  }
}

/** For each moment one of the session `shift` places later, in an order of its own; the moment itself where that session has none. */
function othersOf({ sessions }: Studied, dates: readonly string[], shift: number): Int32Array {
  const rowsOf = new Map(dates.map((date) => [date, [] as number[]]))
  for (const [row, date] of sessions.entries()) rowsOf.get(date)?.push(row)
  const there = dates.filter((date) => (rowsOf.get(date)?.length ?? 0) > 0)
  const mixed = new Map(there.map((date) => [date, scrambled(rowsOf.get(date) ?? [])]))
  const taken = new Map<string, number>()
  return Int32Array.from(sessions, (date, row) => {
    const from = mixed.get(there[(there.indexOf(date) + shift) % there.length] ?? '') ?? []
    const place = taken.get(date) ?? 0
    taken.set(date, place + 1)
    return from[place % from.length] ?? row
  })
}

/** Rows in an order that has little to do with theirs: each follows from the one before by a step of about 0.618 of their number. */
function scrambled(rows: readonly number[]): number[] {
  const { length } = rows
  let step = Math.max(1, Math.round(0.618 * length))
  while (commonDivisor(step, length) > 1) step++
  return rows.map((_, i) => rows[(i * step) % length] as number)
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b)
}

function lossesOf({ studies, dates }: Gains, columns: readonly string[], from: readonly Int32Array[]): Losses {
  const place = new Map(dates.map((date, s) => [date, s]))
  const losses = new Map<string, { values: number[]; rows: number[] }>()
  for (const [i, { study, sessions, targets }] of studies.entries()) {
    const forecasts = study.forecast(columns, from[i] ?? new Int32Array())
    for (const { name, mask, values } of targets) {
      const p = forecasts.get(name)
      if (p === undefined) continue
      const sums = losses.get(name) ?? { values: dates.map(() => 0), rows: dates.map(() => 0) }
      for (const [moment, row] of study.rows.entries()) {
        if (mask[row] !== 1) continue
        const s = place.get(sessions[moment] ?? '') ?? 0
        sums.values[s] = (sums.values[s] ?? 0) + logLoss([p[moment] as number], [values[row] as number])
        sums.rows[s] = (sums.rows[s] ?? 0) + 1
      }
      if (sums.rows.some((n) => n > 0)) losses.set(name, sums)
    }
  }
  return losses
}

function sumsOf(losses: Losses, name: string): SessionSums {
  const sums = losses.get(name)
  if (sums === undefined) throw new Error(`evaluation: ${name}: has no losses. Report this.`)
  return sums
}

const difference = (swapped: readonly SessionSums[], own: SessionSums): SessionSums => ({
  values: own.values.map(
    (loss, s) => swapped.reduce((sum, { values }) => sum + (values[s] as number), 0) / swapped.length - loss,
  ),
  rows: own.rows,
})
