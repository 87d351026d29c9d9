import { existsSync } from 'node:fs'
import { type Bars, numbersOf, timesOf } from '@breakwater/features'
import { type BarsSource, readOptionsOf, type Signals } from '../signals.ts'

/** Where {@link readLawBars} looks. */
export interface LawBarsRequest {
  /** Bars to read; by default those that the signals name. */
  readonly source?: BarsSource | undefined
  /** Path of a file as the signals or the caller name it. */
  readonly pathOf: (file: string) => string
  readonly signal?: AbortSignal | undefined
}

/**
 * The bars that signals were made from, for a law's forecast of volatility. Undefined where the signals name none, or none that is
 * there. Throws Error where they are others: a touch has no bar, or its bar another close.
 */
export async function readLawBars(
  signals: Signals,
  { source = signals.bars, pathOf, signal }: LawBarsRequest,
): Promise<Bars | undefined> {
  if (source === undefined) return undefined
  const files = source.files.map(pathOf)
  // A name with a star is a pattern, which readBars resolves and refuses where nothing fits.
  const isNamed = source !== signals.bars
  if (!isNamed && files.some((file) => file.includes('*') || !existsSync(file))) return undefined
  const { readBars } = await import('@breakwater/features/parquet')
  const { bars } = await readBars(files, { ...readOptionsOf(source), ...(signal === undefined ? {} : { signal }) })
  checkCloses(signals, bars, source)
  return bars
}

function checkCloses({ table }: Signals, bars: Bars, source: BarsSource): void {
  const rowOf = new Map(Array.from(bars.ts, (ts, row) => [ts, row]))
  const spot = numbersOf(table, 'spot')
  for (const [touch, start] of timesOf(table, 'ts_ns').entries()) {
    const row = rowOf.get(start)
    if (row !== undefined && bars.close[row] === spot[touch]) continue
    const wrong =
      row === undefined ? 'has no bar' : `closes at ${bars.close[row]}, and at ${spot[touch]} in the signals`
    throw new Error(
      `models: ${source.files.join(', ')}: are not the bars that the signals were made from: the touch minute ` +
        `${new Date(Number(start / 1_000_000n)).toISOString()} ${wrong}. Pass those with --bars, or --bars none.`,
    )
  }
}
