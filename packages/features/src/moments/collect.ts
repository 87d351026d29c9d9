import type { Column, StringColumn, Table } from '../table.ts'
import type { TouchMoments } from './anchors.ts'
import type { SessionMoments } from './table.ts'

/** Moments of several sessions in one table, and the session of each. */
export interface CollectedMoments extends TouchMoments {
  /** By moment, its session: index into `dates`. */
  readonly sessions: Int32Array
  readonly dates: readonly string[]
}

/**
 * Moments of all sessions in one table, in the order in which they come. -1 in `touchRows` is a moment before a touch. Throws Error
 * where there is no session. Memory: all moments twice while they are joined.
 */
export function collectMoments(sessions: Iterable<SessionMoments>): CollectedMoments {
  const parts = [...sessions]
  const [first] = parts
  if (first === undefined) throw new Error('features: moments: no session to collect. Pass bars of at least one.')
  const rows = parts.reduce((sum, { table }) => sum + table.rows, 0)
  const columns = Object.keys(first.table.columns).map((name) => {
    const pieces = parts.flatMap(({ table }) => table.columns[name] ?? [])
    return [name, joined(pieces, rows)] as const
  })
  const touchRows = new Int32Array(rows)
  const places = new Int32Array(rows)
  let at = 0
  for (const [place, part] of parts.entries()) {
    touchRows.set(part.touchRows, at)
    places.fill(place, at, at + part.table.rows)
    at += part.table.rows
  }
  const table: Table = { rows, columns: Object.fromEntries(columns) }
  return { table, touchRows, sessions: places, dates: parts.map(({ date }) => date) }
}

function joined(pieces: readonly Column[], rows: number): Column {
  if (pieces[0]?.type === 'string')
    return joinedWords(
      pieces.filter((piece) => piece.type === 'string'),
      rows,
    )
  if (pieces[0]?.type === 'time') {
    const values = new BigInt64Array(rows)
    let at = 0
    for (const piece of pieces) {
      if (piece.type !== 'time') continue
      values.set(piece.values, at)
      at += piece.values.length
    }
    return { type: 'time', values }
  }
  const values = new Float64Array(rows)
  let at = 0
  for (const piece of pieces) {
    if (piece.type !== 'number') continue
    values.set(piece.values, at)
    at += piece.values.length
  }
  return { type: 'number', values }
}

function joinedWords(pieces: readonly StringColumn[], rows: number): StringColumn {
  const place = new Map<string, number>()
  const codes = new Int32Array(rows)
  let at = 0
  for (const { codes: theirs, dictionary } of pieces) {
    const ours = dictionary.map((word) => {
      const code = place.get(word) ?? place.size
      place.set(word, code)
      return code
    })
    for (const code of theirs) {
      codes[at] = ours[code] ?? -1
      at += 1
    }
  }
  return { type: 'string', codes, dictionary: [...place.keys()] }
}
