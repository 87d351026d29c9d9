import type { Anchor, HeadTarget, Table, WindowHead } from '@breakwater/features'
import {
  ANCHOR_SECONDS,
  anchorSuffix,
  headName,
  numbersOf,
  reaches,
  signOf,
  stringColumn,
  stringsOf,
  timesOf,
} from '@breakwater/features'
import { OUTCOME_NAMES } from '@breakwater/retrieval'
import type { CodedWords, Outcomes, RowMetadata } from '@breakwater/retrieval'
import type { Signals } from '../signals.ts'

const NS_PER_SECOND = 1_000_000_000n

/** Nanoseconds as of which each touch is queried: its anchor, when every feature that it may use is known. */
export function askedAt(table: Table, anchor: Anchor): BigInt64Array {
  return timesOf(table, 'ts_ns').map((start) => start + BigInt(ANCHOR_SECONDS[anchor]) * NS_PER_SECOND)
}

/** What an index keeps of every touch beside its features. An outcome is known when its whole label window has passed. */
export function metadataOf(
  { table, lookforwardSeconds }: Pick<Signals, 'table' | 'lookforwardSeconds'>,
  anchor: Anchor,
): RowMetadata {
  const window = BigInt(lookforwardSeconds) * NS_PER_SECOND
  return {
    eventIds: stringsOf(table, 'event_id'),
    tsNs: timesOf(table, 'ts_ns'),
    resolvedNs: askedAt(table, anchor).map((at) => at + window),
    levelKindName: stringColumn(table, 'level_kind_name'),
    direction: stringColumn(table, 'direction'),
    gammaBucket: stringColumn(table, 'gamma_bucket'),
    episode: episodesOf(table),
    session: stringColumn(table, 'date'),
  }
}

/** Touch clusters: runs of touches of one level in one session. A touch whose run is unknown belongs to none. */
function episodesOf(table: Table): CodedWords {
  const cluster = numbersOf(table, 'attempt_cluster_id')
  const dates = stringsOf(table, 'date')
  const kinds = stringsOf(table, 'level_kind_name')
  const codeOf = new Map<string, number>()
  const codes = Int32Array.from(dates, (date, row) => {
    const id = cluster[row] as number
    if (Number.isNaN(id)) return -1
    const name = `${date} ${kinds[row]} ${id}`
    const code = codeOf.get(name) ?? codeOf.size
    codeOf.set(name, code)
    return code
  })
  return { codes, dictionary: [...codeOf.keys()] }
}

/**
 * Outcomes as the trees' heads see them: where a head masks a row (window incomplete, $2 away at the anchor already), the
 * index knows nothing of it either, so a share among neighbours and a tree's probability answer one question.
 */
export function outcomesOf(
  signals: Pick<Signals, 'table' | 'thresholds'>,
  anchor: Anchor,
  targets: readonly HeadTarget[],
): Outcomes {
  const { table } = signals
  const suffix = anchorSuffix(anchor)
  const target = (kind: WindowHead): Float32Array => {
    const name = headName({ kind }, anchor)
    const found = targets.find((each) => each.name === name)
    if (found === undefined) throw new Error(`models: head ${name} has no targets at anchor ${anchor}`)
    return found.values
  }
  const tradeable2 = target('tradeable_2')
  const strengthSigned = target('strength_signed')
  const abs = numbersOf(table, `strength_abs${suffix}`)
  return {
    outcome: outcomeCodes(table, suffix, tradeable2),
    tradeable2,
    strengthSigned,
    strengthAbs: strengthSigned.map((value, row) => (Number.isNaN(value) ? value : (abs[row] as number))),
    times: reachTimes(signals, suffix),
    observed: Float32Array.from(numbersOf(table, `window_s${suffix}`)),
  }
}

function outcomeCodes(table: Table, suffix: string, tradeable2: Float32Array): Int8Array {
  const { codes, dictionary } = stringColumn(table, `outcome${suffix}`)
  const known = Int8Array.from(dictionary, (word) => OUTCOME_NAMES.findIndex((name) => name === word))
  return Int8Array.from(codes, (code, row) => (Number.isNaN(tradeable2[row]) ? -1 : (known[code] ?? -1)))
}

/** Times to each threshold and side; -1 where it lay behind the price at the anchor already. */
function reachTimes({ table, thresholds }: Pick<Signals, 'table' | 'thresholds'>, suffix: string): Outcomes['times'] {
  const spot = numbersOf(table, `anchor_spot${suffix}`)
  const level = numbersOf(table, 'level_price')
  const signs = stringsOf(table, 'direction').map((word) => signOf(word))
  const times = (column: string, dollars: number, towards: (move: number) => number): Float32Array => {
    const seconds = numbersOf(table, `${column}${suffix}`)
    return Float32Array.from(seconds, (value, row) => {
      const move = (signs[row] as number) * ((spot[row] as number) - (level[row] as number))
      return reaches(towards(move), dollars) ? -1 : value
    })
  }
  const [one, two] = thresholds
  return {
    threshold1: times('time_to_threshold_1', one, Math.abs),
    threshold2: times('time_to_threshold_2', two, Math.abs),
    break1: times('time_to_break_1', one, (move) => move),
    bounce1: times('time_to_bounce_1', one, (move) => -move),
    break2: times('time_to_break_2', two, (move) => move),
    bounce2: times('time_to_bounce_2', two, (move) => -move),
  }
}
