import type { Bars } from '@breakwater/features'

const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const
const NANOSECONDS = /^\d{18,19}$/

/**
 * Bars of a CSV text with a header: `ts` in ISO 8601 with an offset or in nanoseconds since 1970 UTC, prices, and volume, which may be absent.
 * Throws RangeError with the line on a column that is absent or a value that is no time or number.
 */
export function readCsv(text: string): Bars {
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const names = header.split(',').map((name) => name.trim().toLowerCase())
  const place = (name: string): number => names.indexOf(name)
  for (const name of ['ts', ...COLUMNS.slice(0, 4)]) {
    if (place(name) < 0) throw new RangeError(`Column ${name} is absent. The first line names the columns.`)
  }
  const cells = lines.map((line) => line.split(','))
  const numbers = (name: (typeof COLUMNS)[number]): Float64Array =>
    Float64Array.from(cells, (row, i) => (place(name) < 0 ? Number.NaN : numberOf(row[place(name)], name, i)))
  const [open, high, low, close, volume] = COLUMNS.map(numbers) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const ts = BigInt64Array.from(cells, (row, i) => timeOf(row[place('ts')], i))
  return { rows: cells.length, ts, open, high, low, close, volume }
}

function numberOf(cell: string | undefined, name: string, row: number): number {
  const value = Number(cell?.trim() === '' ? Number.NaN : cell)
  if (Number.isFinite(value)) return value
  throw new RangeError(`Line ${row + 2}: ${name}=${cell ?? ''}: must be a number.`)
}

function timeOf(cell: string | undefined, row: number): bigint {
  const text = cell?.trim() ?? ''
  if (NANOSECONDS.test(text)) return BigInt(text)
  const milliseconds = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(milliseconds)) return BigInt(milliseconds) * 1_000_000n
  throw new RangeError(`Line ${row + 2}: ts=${text}: must be ISO 8601 with an offset, or nanoseconds since 1970 UTC.`)
}
