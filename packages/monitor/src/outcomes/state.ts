import type { Evidence } from './evidence.ts'
import type { PublishedForecast } from './forecast.ts'

/** A number in JSON, which has no NaN, no infinity and no negative zero. */
type Text = number | 'NaN' | 'Infinity' | '-Infinity' | '-0'

/** A published forecast as JSON: nanoseconds are text. */
export interface ForecastJson {
  readonly levelId: string
  readonly kind: string
  readonly price: number
  readonly sign: 1 | -1
  readonly tsNs: string
  readonly fromNs: string | null
  readonly touchNs: string | null
  readonly spot: Text
  readonly values: readonly Text[]
  readonly reference?: readonly Text[]
  readonly low?: readonly Text[]
  readonly high?: readonly Text[]
  readonly labels: Readonly<Record<string, string>>
}

/** {@link Evidence} as JSON. */
export interface EvidenceJson {
  readonly forecast: ForecastJson
  readonly numbers: readonly Text[]
  readonly start: readonly Text[]
  readonly end: readonly Text[]
  readonly straddles: readonly number[]
  readonly touchStraddles: boolean
  readonly hasTicks: boolean
  readonly next: number
}

/** What a join has seen since it began, also before it was resumed. */
export interface JoinCounts {
  published: number
  /** Forecasts of a level at a time that it has had one of, or an earlier one. */
  repeated: number
  /** Forecasts outside the regular sessions. */
  outside: number
  /** Forecasts that have no window left to wait for. */
  closed: number
  /** Answers, by kind. */
  answered: number
  masked: number
  /** Answers that never came because the data broke off or the session closed; among the masked. */
  censored: number
  bars: number
  lateBars: number
  /** Minutes between two bars that had none. */
  missingBars: number
  /** Bars of a minute that has had one, or an earlier one; they are ignored. */
  repeatedBars: number
}

/** The state of an outcome join as plain JSON. A join that goes on from it gives the same bits. */
export interface JoinState {
  readonly version: 1
  readonly date: string | null
  readonly lastSlot: number
  readonly lastClose: number | null
  readonly lastTick: number | null
  readonly published: readonly (readonly [string, number])[]
  readonly counts: JoinCounts
  readonly open: readonly EvidenceJson[]
}

function text(value: number): Text {
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? value : (String(value) as Text)
}
const texts = (values: Iterable<number>): Text[] => Array.from(values, text)

/** A forecast as JSON. */
function forecastToJson(forecast: PublishedForecast): ForecastJson {
  const { tsNs, fromNs, touchNs, spot, values, reference, low, high, ...rest } = forecast
  return {
    ...rest,
    ...(reference === undefined ? {} : { reference: texts(reference) }),
    ...(low === undefined ? {} : { low: texts(low) }),
    ...(high === undefined ? {} : { high: texts(high) }),
    tsNs: String(tsNs),
    fromNs: fromNs === null ? null : String(fromNs),
    touchNs: touchNs === null ? null : String(touchNs),
    spot: text(spot),
    values: texts(values),
  }
}

/** The inverse of {@link forecastToJson}, to the bit. */
function forecastFromJson(json: ForecastJson): PublishedForecast {
  const { tsNs, fromNs, touchNs, spot, values, reference, low, high, ...rest } = json
  return {
    ...rest,
    ...(reference === undefined ? {} : { reference: Float64Array.from(reference, Number) }),
    ...(low === undefined ? {} : { low: Float64Array.from(low, Number) }),
    ...(high === undefined ? {} : { high: Float64Array.from(high, Number) }),
    tsNs: BigInt(tsNs),
    fromNs: fromNs === null ? null : BigInt(fromNs),
    touchNs: touchNs === null ? null : BigInt(touchNs),
    spot: Number(spot),
    values: Float64Array.from(values, Number),
  }
}

const NUMBERS = ['at', 'from', 'slot', 'moved', 'most', 'least', 'touchStart', 'touchEnd', 'until', 'cut'] as const

/** Evidence as JSON. */
export function evidenceToJson(evidence: Evidence): EvidenceJson {
  return {
    forecast: forecastToJson(evidence.forecast),
    numbers: NUMBERS.map((name) => text(evidence[name])),
    start: texts(evidence.start),
    end: texts(evidence.end),
    straddles: [...evidence.straddles],
    touchStraddles: evidence.touchStraddles,
    hasTicks: evidence.hasTicks,
    next: evidence.next,
  }
}

/** The inverse of {@link evidenceToJson}, to the bit. */
export function evidenceFromJson(json: EvidenceJson): Evidence {
  const [at = 0, from = 0, slot = 0, moved = 0, most = 0, least = 0, touchStart = 0, touchEnd = 0, until = 0, cut = 0] =
    json.numbers.map(Number)
  return {
    forecast: forecastFromJson(json.forecast),
    at,
    from,
    slot,
    moved,
    most,
    least,
    touchStart,
    touchEnd,
    until,
    cut,
    start: Float64Array.from(json.start, Number),
    end: Float64Array.from(json.end, Number),
    straddles: Uint8Array.from(json.straddles),
    touchStraddles: json.touchStraddles,
    hasTicks: json.hasTicks,
    next: json.next,
  }
}
