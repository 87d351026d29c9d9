import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { barOf, type Bars, newYorkCalendar, type Thresholds } from '@breakwater/features'
import {
  createOutcomeJoin,
  forecastsOf,
  type OutcomeJoin,
  type PublishedForecast,
  questionsOf,
} from '@breakwater/monitor'
import { readAudit } from '@breakwater/monitor/node'
import type { TargetIntervals } from '@breakwater/viewport'
import { type AnyViewportPayload, viewportSchema, viewportSchemaV1 } from '@breakwater/viewport/payload'
import type { PublishedHead, ServedEvaluation } from '../documents/served.ts'
import { LEVEL, SAMPLES } from '../score.ts'
import { collectRanking, type RankingCollector } from './ranking.ts'
import { collectRows, JOINT, type RowCollector } from './rows.ts'
import { scoreRows } from './score-rows.ts'
import { keepTouch, type TouchKeeper } from './touch.ts'

/** What was published, and the bars that tell what happened. */
export interface ServedInput {
  /**
   * A file of payloads, one JSON document a line in order of time, as `breakwater replay --output` writes it; or the folder of an audit log of
   * `breakwater serve`.
   */
  readonly path: string
  /** Its name in the document. */
  readonly source: string
  readonly bars: Bars
  /** Settings of the signals that the models were trained on. */
  readonly thresholds: Thresholds
  /** Dollars within which a level counts as touched; default 0.10. */
  readonly touchBand?: number | undefined
  /** Minutes without a bar that count as quiet; after more the data breaks off. Default 5. */
  readonly maxGapMinutes?: number | undefined
  readonly windowSeconds: number
  readonly horizons: readonly number[]
  /** Sessions that the models were fitted, stopped or calibrated on; default none. */
  readonly fittedDates?: readonly string[] | undefined
  readonly seed: number
  readonly signal?: AbortSignal | undefined
}

/** Cells of fewer rows are not judged. */
const JUDGED_ROWS = 200

const MINUTE_NS = 60_000_000_000n
const MINUTE_MS = 60_000
const NS_PER_MS = 1_000_000n

/**
 * Compares every published number with what happened, by the definitions of the labels: the first payload of every minute, whose outcomes bars
 * tell without a doubt; the others overlap with them and are counted. The prices of all of them tell when within a minute a level was touched,
 * from where on numbers given a touch are compared; where bars alone tell of a touch, those are masked. Both versions of the payload are read; numbers of heads alone are
 * taken from where a reader of the payload takes them (see `forecastsOf`). Throws on what is no payload, with its place. Memory: about 200 bytes a published target.
 */
export async function evaluateServed(input: ServedInput): Promise<ServedEvaluation> {
  const { thresholds, touchBand, maxGapMinutes, windowSeconds, horizons, seed, fittedDates = [] } = input
  const fitted = new Set(fittedDates)
  const questions = questionsOf({ horizons, windowSeconds })
  const calendar = newYorkCalendar()
  const join = createOutcomeJoin({
    questions,
    thresholds,
    ...(touchBand === undefined ? {} : { touchBand }),
    ...(maxGapMinutes === undefined ? {} : { maxGapMinutes }),
    calendar,
  })
  const intervals = new WeakMap<PublishedForecast, TargetIntervals>()
  const rows = collectRows(questions, {
    windowSeconds,
    dateOf: (ns) => calendar.dateOf(ns),
    intervalsOf: (forecast) => intervals.get(forecast),
  })
  const touch = keepTouch(questions)
  const ranking = collectRanking(questions, (ns) => calendar.dateOf(ns))
  const take: Followers['take'] = (resolved) => {
    rows.take(resolved)
    ranking.take(resolved)
  }
  const counts = await followPayloads(input, { join, take, touch, ranking, intervals })
  take(join.close())
  const published = rows.finish()
  const heads = [...questions, ...JOINT.map((name) => ({ name, task: 'binary' as const }))].flatMap(
    ({ name, task }): PublishedHead[] => {
      input.signal?.throwIfAborted()
      const head = scoreRows(name, task, published, { thresholds, seed })
      return head === null ? [] : [head]
    },
  )
  return {
    format: 'breakwater-served',
    version: 1,
    source: input.source,
    payloads: counts,
    targets: published.forecasts.length,
    sessions: published.sessions,
    in_sample: published.sessions.filter((date) => fitted.has(date)),
    thresholds,
    method: { level: LEVEL, samples: SAMPLES, seed, judgedRows: JUDGED_ROWS },
    heads,
    ranking: ranking.finish(seed),
    touch: touch.finish(),
  }
}

/** What payloads and bars go to. */
interface Followers {
  readonly join: OutcomeJoin
  readonly take: RowCollector['take']
  readonly ranking: RankingCollector
  readonly touch: TouchKeeper
  readonly intervals: WeakMap<PublishedForecast, TargetIntervals>
}

/** Walks payloads and bars together in order of time. */
async function followPayloads(
  { path, bars, signal }: ServedInput,
  { join, take, ranking, touch, intervals }: Followers,
): Promise<ServedEvaluation['payloads']> {
  const counts = { read: 0, scored: 0, refused: 0, versions: {} as Record<string, number> }
  let next = 0
  const bringBars = (until: bigint): void => {
    for (; next < bars.rows && (bars.ts[next] as bigint) + MINUTE_NS <= until; next++) take(join.bar(barOf(bars, next)))
  }
  let [last, minute] = [-Infinity, -1]
  for await (const payload of payloadTexts(path)) {
    signal?.throwIfAborted()
    counts.read += 1
    const document = documentOf(payload)
    const seen = priceOf(document)
    if (seen !== null) {
      bringBars(seen.tsNs)
      take(join.tick(seen.tsNs, seen.spot))
    }
    const viewport = viewportAt(document, payload, minute)
    if (viewport === null) continue
    counts.versions[viewport.version] = (counts.versions[viewport.version] ?? 0) + 1
    if (viewport.error !== null || viewport.ts === null) {
      counts.refused += 1
      continue
    }
    if (viewport.ts < last) throw badPayload(payload, 'is earlier than the one before it')
    last = viewport.ts
    minute = Math.floor(viewport.ts / MINUTE_MS)
    const { questions } = join
    bringBars(BigInt(viewport.ts) * NS_PER_MS)
    const targets = new Map(viewport.targets.map((target) => [target.level_id, target]))
    for (const forecast of forecastsOf(viewport, { questions, windows: 'published' })) {
      touch.take(forecast)
      const target = targets.get(forecast.levelId)
      if (target !== undefined && 'intervals' in target && target.intervals !== null)
        intervals.set(forecast, target.intervals)
      ranking.publish(forecast, target)
      take(join.publish(forecast))
    }
    counts.scored += 1
  }
  bringBars(BigInt(Number.MAX_SAFE_INTEGER) * 1000n)
  return counts
}

/** One payload as JSON, and where it stands, for errors. */
interface PayloadText {
  readonly text: string
  readonly place: string
}

/**
 * Published payloads in order of time: the lines of a file, or the ticks of an audit log where the path is its folder. Throws where
 * there is neither.
 */
async function* payloadTexts(path: string): AsyncGenerator<PayloadText, void> {
  if ((await stat(path)).isDirectory()) {
    for await (const { kind, output, run, sequence } of readAudit(path)) {
      if (kind === 'tick') yield { text: output, place: `${path}, run ${run}, record ${sequence}` }
    }
    return
  }
  let line = 0
  for await (const text of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
    line += 1
    if (text.trim() !== '') yield { text, place: `${path}, line ${line}` }
  }
}

/** Milliseconds after the start of a minute within which a payload is about that whole minute, as a join takes it. */
const ALIGNED_MS = 1000

/** A payload with its viewport, which is not looked into yet. */
interface PayloadDocument {
  readonly viewport: object
  readonly spy?: unknown
}

function documentOf(payload: PayloadText): PayloadDocument {
  let document: unknown
  try {
    document = JSON.parse(payload.text)
  } catch {
    throw badPayload(payload, 'is not JSON')
  }
  if (
    typeof document !== 'object' ||
    document === null ||
    !('viewport' in document) ||
    typeof document.viewport !== 'object' ||
    document.viewport === null
  ) {
    throw badPayload(payload, 'has no viewport')
  }
  return document as PayloadDocument
}

/** The price that a payload's snapshot shows; null where it shows none. */
function priceOf({ viewport, spy }: PayloadDocument): { readonly tsNs: bigint; readonly spot: number } | null {
  const ts = 'ts' in viewport ? viewport.ts : null
  const spot = typeof spy === 'object' && spy !== null && 'spot' in spy ? spy.spot : null
  if (typeof ts !== 'number' || !Number.isSafeInteger(ts) || typeof spot !== 'number' || !(spot > 0)) return null
  return { tsNs: BigInt(ts) * NS_PER_MS, spot }
}

/** The viewport of a payload at the start of a minute other than `minute`; null for one between. */
function viewportAt({ viewport }: PayloadDocument, payload: PayloadText, minute: number): AnyViewportPayload | null {
  if ('ts' in viewport && typeof viewport.ts === 'number') {
    if (viewport.ts % MINUTE_MS > ALIGNED_MS || Math.floor(viewport.ts / MINUTE_MS) === minute) return null
  }
  const schema = 'version' in viewport && viewport.version === 1 ? viewportSchemaV1 : viewportSchema
  const parsed = schema.safeParse(viewport)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw badPayload(payload, `viewport.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`)
}

const badPayload = ({ place }: PayloadText, fault: string): Error =>
  new Error(
    `evaluation: ${place}: ${fault}. Pass what \`breakwater replay --output\` wrote as JSON lines, or the folder of \`breakwater serve --audit\`.`,
  )
