import type { RowValues } from '@breakwater/features'
import type {
  Models,
  NeighbourAnswer,
  NeighbourIndex,
  Physics,
  Predictor,
  RowLevel,
  RowSource,
  Snapshot,
  SnapshotBar,
  SnapshotLevel,
  TouchRow,
} from '@breakwater/viewport'

export const SECOND = 1_000_000_000n
export const MINUTE = 60n * SECOND
/** 2024-03-07 14:30 UTC, the start of a minute. */
export const START = 1_709_821_800n * SECOND

/** Every head of an anchor, in an order that is not the payload's. */
export function headNames(suffix = ''): string[] {
  const reach = ['t2_bounce', 't1', 't1_break', 't2', 't1_bounce', 't2_break']
  const names = ['direction', ...reach.flatMap((key) => [60, 120, 180, 300].map((h) => `${key}_${h}s`))]
  return [...names, 'strength_signed', 'tradeable_2'].map((name) => name + suffix)
}

/** A number in [0, 1) that depends on all of its parts. */
export function mixed(...parts: readonly (number | string)[]): number {
  let state = 2_166_136_261
  for (const char of parts.join('|')) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 16_777_619) >>> 0
  return (Math.imul(state ^ (state >>> 15), 2_246_822_507) >>> 0) / 2 ** 32
}

/** What the fake predictor says of a row that encodes to `code`: a probability, or a strength in dollars. */
export function answerOf(head: string, code: number): number {
  const p = mixed(head, code)
  return head.startsWith('strength') ? 6 * (p - 0.5) : p
}

const WIDTH = 3

/** A predictor over rows of three floats: what of the level, of the bars and of physics a row holds. */
export function fakePredictor(
  heads: readonly string[] = headNames(),
): Predictor & { calls: number; rowsAsked: number } {
  const predictor = {
    calls: 0,
    rowsAsked: 0,
    heads,
    width: WIDTH,
    encode(row: RowValues, out: Float32Array): void {
      out.set([Number(row['code']), Number(row['version']), Number(row['tape_imbalance'] ?? Number.NaN)])
    },
    predict(rows: Float32Array, count: number, out: Parameters<Predictor['predict']>[2]): void {
      predictor.calls += 1
      predictor.rowsAsked += count
      for (const [h, head] of heads.entries()) {
        for (let r = 0; r < count; r++) {
          const value = answerOf(head, codeOf(rows.subarray(r * WIDTH, (r + 1) * WIDTH)))
          const isInterval = head.startsWith('direction') || head.startsWith('strength')
          out.values[h * count + r] = value
          out.low[h * count + r] = isInterval ? value - 0.05 * Math.abs(value) : Number.NaN
          out.high[h * count + r] = isInterval
            ? Math.min(value + 0.02, head.startsWith('direction') ? 1 : 99)
            : Number.NaN
        }
      }
    },
  }
  return predictor
}

/** One number for an encoded row. */
export function codeOf(encoded: Float32Array): number {
  return mixed(...encoded)
}

/** An index that answers from the row's code; every fourth row has no neighbours. */
export function fakeIndex(): NeighbourIndex & { asked: { row: RowValues; asOfNs: bigint }[] } {
  const asked: { row: RowValues; asOfNs: bigint }[] = []
  return {
    asked,
    query(row, asOfNs) {
      asked.push({ row: { ...row }, asOfNs })
      return neighboursOf(row)
    },
  }
}

/** The fake index's answer. */
export function neighboursOf(row: RowValues): NeighbourAnswer {
  const share = mixed('vote', String(row['code']))
  if (share < 0.25) return { vote: { missing: 'no tradeable neighbour' }, summary: { found: 0 } }
  const vote = { breakGivenTradeable: share, similarity: mixed('s', share), entropy: mixed('e', share) }
  return { vote, summary: { found: 20, p_break_given_tradeable: share } }
}

/** A row that remembers how it was asked. */
export interface FakeRow extends TouchRow {
  readonly asked: number[]
}

/** A row source over bars that are nothing but a count. `broken` kinds throw; `silent` ones have no row. */
export interface FakeRows extends RowSource {
  readonly made: { readonly how: 'supposed' | 'touched'; readonly level: RowLevel; readonly row: FakeRow }[]
  readonly bars: SnapshotBar[]
  readonly broken: Set<string>
  readonly silent: Set<string>
}

/** A fake source whose last bar ended at `endNs`. */
export function fakeRows(endNs = START): FakeRows {
  const bars: SnapshotBar[] = []
  const made: FakeRows['made'] = []
  const broken = new Set<string>()
  const silent = new Set<string>()
  let lastBarNs: bigint = endNs - MINUTE
  const make = (how: 'supposed' | 'touched', level: RowLevel, tsNs: bigint, sign: -1 | 0 | 1): FakeRow | null => {
    if (broken.has(level.kind)) throw new Error(`no features for ${level.kind}`)
    if (sign === 0 || silent.has(level.kind)) return null
    const row = fakeRow(level, tsNs, sign, bars.length)
    made.push({ how, level: { ...level }, row })
    return row
  }
  return {
    made,
    bars,
    broken,
    silent,
    get version() {
      return bars.length
    },
    get lastBarNs() {
      return lastBarNs
    },
    push(bar) {
      const ns = BigInt(bar.minute) * MINUTE
      if (ns <= lastBarNs) throw new RangeError(`bar.minute=${bar.minute}: out of order`)
      bars.push(bar)
      lastBarNs = ns
    },
    supposed: (level, sign) => make('supposed', level, lastBarNs, sign),
    touched: (level, touchNs, sign) =>
      lastBarNs === touchNs - (touchNs % MINUTE) ? make('touched', level, lastBarNs, sign) : null,
  }
}

function fakeRow({ kind, price }: RowLevel, tsNs: bigint, sign: 1 | -1, version: number): FakeRow {
  const values: Record<string, RowValues[string]> = { code: mixed(kind, price, sign), version, level_kind_name: kind }
  const asked: number[] = []
  let revision = 0
  return {
    tsNs,
    sign,
    asked,
    approachVelocity: mixed('v', kind, price, version) - 0.5,
    confluence: mixed('c', kind, price, version),
    get revision() {
      return revision
    },
    values(physics, afterS) {
      asked.push(afterS)
      if (typeof physics?.['tape_imbalance'] === 'string') throw new TypeError('physics.tape_imbalance is text')
      const known = knownPhysics(physics, afterS)
      const isSame = Object.entries(known).every(([name, value]) => Object.is(values[name] ?? null, value))
      if (!isSame) revision += 1
      Object.assign(values, known)
      return values
    },
  }
}

/** Tape and gamma are known after 60 s, the barrier after 240. */
function knownPhysics(physics: Physics | undefined, afterS: number): Record<string, number | string | null> {
  const at = (name: string, knownAfterS: number): number | string | null =>
    afterS >= knownAfterS ? (physics?.[name] ?? null) : null
  return {
    tape_imbalance: at('tape_imbalance', 60),
    gamma_exposure: at('gamma_exposure', 60),
    fuel_effect: at('fuel_effect', 60),
    barrier_state: at('barrier_state', 240),
  }
}

/** The same models for both stages. */
export function modelsOf(predictor: Predictor | null, neighbours: NeighbourIndex | null = null): Models {
  return { stage_a: { predictor, neighbours }, stage_b: { predictor, neighbours } }
}

/** A level with an id made of kind and price. */
export function levelAt(kind: string, price: number, physics?: Physics): SnapshotLevel {
  return { id: `${kind}@${price}`, kind, price, ...(physics === undefined ? {} : { physics }) }
}

/** A snapshot `seconds` after START. */
export function snapshotAt(
  seconds: number,
  spot: number,
  levels: readonly SnapshotLevel[],
  bars: readonly SnapshotBar[] = [],
): Snapshot {
  return { tsNs: START + BigInt(Math.round(seconds * 1000)) * 1_000_000n, spot, bid: null, ask: null, levels, bars }
}

/** The bar of a minute counted from START; -1 is the minute that ended there. */
export function barAt(minute: number, price = 500): SnapshotBar {
  return { minute: Number(START / MINUTE) + minute, open: price, high: price, low: price, close: price, volume: 1 }
}
