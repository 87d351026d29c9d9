import { type Matrix, numbersOf, type Table, timesOf } from '@breakwater/features'
import { count, rowsOf, takeTable } from '../rows.ts'
import { headOutcomes, type HeadSpec } from './outcomes.ts'
import { averageUniqueness } from './uniqueness.ts'

/** Moments that a law is fitted on. Arrays have one entry a moment. */
export interface LawMoments {
  /** Moments of `touchMoments`, `anchorMoments` or `approachMoments`, with labels. */
  readonly moments: Table
  /** Training rows: non-zero bytes. */
  readonly train: Uint8Array
  /** Rows, of later sessions, on which ensembles stop; none of them may be a training row. */
  readonly validation: Uint8Array
  readonly spec: HeadSpec
  /** The profile that the moments were built with, from training sessions alone; none by default. */
  readonly profile?: ArrayLike<number> | undefined
}

/** Moments that can be used, with what every part of a fit reads. Arrays have one entry a moment that can be used. */
export interface FitRows {
  /** Their places among all moments. */
  readonly usable: Int32Array
  readonly moments: Table
  readonly masks: Pick<LawMoments, 'train' | 'validation'>
  /** Uniqueness of the label windows. */
  readonly rowWeights: Float64Array
  /** The same with mean 1 over the training rows, for trees. */
  readonly treeWeights: Float32Array
  readonly displacement: Float64Array
  /** `[row * questions + h]`, -1 where masked. */
  readonly labels: Int8Array
  /** Session of each, from 0 in order of time. */
  readonly sessions: Int32Array
}

/** The moments that can be used: price and level known, the label window not empty. Throws RangeError where there are none of a role. */
export function fitRows(request: LawMoments & { readonly features?: Matrix }, isValidated: boolean): FitRows {
  const usable = usableRows(request, isValidated)
  const moments = takeTable(request.moments, usable)
  const pick = (mask: Uint8Array): Uint8Array => Uint8Array.from(usable, (row) => Number(mask[row] !== 0))
  const masks = { train: pick(request.train), validation: pick(request.validation) }
  const rowWeights = uniquenessOf(moments, request.spec.window)
  return {
    usable,
    moments,
    masks,
    rowWeights,
    treeWeights: normalised(rowWeights, masks.train),
    displacement: numbersOf(moments, 'moved'),
    labels: headOutcomes(moments, request.spec),
    sessions: sessionsOf(moments),
  }
}

const NS_PER_DAY = 86_400_000_000_000n

/** Sessions of moments, from 0 in order of time: a session lies within a day of UTC. */
function sessionsOf(moments: Table): Int32Array {
  const days = Array.from(timesOf(moments, 'moment_ts_ns'), (ns) => ns / NS_PER_DAY)
  const ranks = new Map([...new Set(days)].toSorted((a, b) => Number(a - b)).map((day, rank) => [day, rank]))
  return Int32Array.from(days, (day) => ranks.get(day) as number)
}

/** Training and validation rows whose price is known and whose label window is not empty. */
function usableRows(
  { moments, features, train, validation }: LawMoments & { readonly features?: Matrix },
  isValidated: boolean,
): Int32Array {
  checkLength('train', train.length, moments.rows)
  checkLength('validation', validation.length, moments.rows)
  if (features !== undefined) checkLength('features', features.rows, moments.rows)
  const [moved, window] = [numbersOf(moments, 'moved'), numbersOf(moments, 'window_s')]
  const mask = train.map((bit, row) => {
    const isUsable = Number.isFinite(moved[row]) && (window[row] as number) > 0
    return Number(isUsable && (bit !== 0 || validation[row] !== 0))
  })
  const roles = [['train', train] as const, ...(isValidated ? [['validation', validation] as const] : [])]
  for (const [name, role] of roles) {
    if (mask.some((bit, row) => bit !== 0 && role[row] !== 0)) continue
    throw new RangeError(`models: ${name}: no row has a price and a label window. Pass more sessions, or other dates.`)
  }
  return rowsOf(mask)
}

function checkLength(name: string, length: number, rows: number): void {
  if (length === rows) return
  throw new RangeError(`models: ${name}: has ${length} rows: must have one a moment. There are ${rows} moments.`)
}

const NS_PER_SECOND = 1e9

/** Average uniqueness of the label windows of moments. */
export function uniquenessOf(moments: Table, windowSeconds: number): Float64Array {
  const times = timesOf(moments, 'moment_ts_ns')
  const origin = times[0] ?? 0n
  const starts = Float64Array.from(times, (ns) => Number(ns - origin) / NS_PER_SECOND)
  const window = numbersOf(moments, 'window_s')
  const ends = starts.map((start, row) => start + Math.min(windowSeconds, window[row] as number))
  return averageUniqueness(starts, ends)
}

/** Weights with mean 1 over the rows of a mask. */
export function normalised(weights: Float64Array, mask: Uint8Array): Float32Array {
  const rows = count(mask)
  const total = mask.reduce((sum, bit, row) => sum + bit * (weights[row] as number), 0)
  return Float32Array.from(weights, (weight) => (weight * rows) / total)
}
