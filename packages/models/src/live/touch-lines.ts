import { crc32 } from 'node:zlib'
import type { RowValues } from '@breakwater/features'
import type { GrowthEvent, GrowthState, KnownTouch } from './growth-state.ts'

/** What touches were kept for, by name: the indexes, the columns of their features, and what outcomes are told by. */
export type GrowthBase = Readonly<Record<string, string>>

/** What a text of lines holds, as far as it can be used. */
export interface ReadTouches {
  readonly state: GrowthState
  /** What is wrong with the text, and what of it was taken; null where all of it is right. */
  readonly fault: string | null
  /** Whether lines can follow the text: it is for this base, and all of it but a last line that was cut short is right. */
  readonly canGrow: boolean
}

const VERSION = 1

/** The first line: the version of the format, and the base. */
export const headerLine = (base: GrowthBase): string => lineOf({ touches: VERSION, base })

/**
 * An event as a line without its end: the CRC-32 of its JSON in eight hexadecimal digits, a space, and the JSON. Numbers keep their bits, also
 * those that JSON has not.
 */
export const eventLine = (event: GrowthEvent): string => lineOf(event)

function lineOf(value: object): string {
  const json = JSON.stringify(value, written)
  return `${sumOf(json)} ${json}`
}

const sumOf = (json: string): string => crc32(json).toString(16).padStart(8, '0')

/** Values that JSON has not, as a list of their type and their text. */
function written(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return ['bigint', String(value)]
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value
  return ['number', Object.is(value, -0) ? '-0' : String(value)]
}

function read(_: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const [type, text] = value as [unknown, unknown]
  return type === 'bigint' ? BigInt(String(text)) : Number(text)
}

/**
 * Reads lines: the touches that they lead to, up to the first line that is damaged. Touches of another base are not taken. An empty text holds
 * nothing. `source` names the text in a fault.
 */
export function readTouches(text: string, base: GrowthBase, source: string): ReadTouches {
  const nothing = { waiting: [], known: [] }
  if (text === '') return { state: nothing, fault: null, canGrow: false }
  const lines = text.split('\n')
  const rest = lines.pop()
  const header = valueOf(lines[0] ?? rest ?? '')
  const other = header === null ? 'it does not begin as a file of touches' : differenceOf(header, base)
  if (other !== null) {
    const fault = `models: ${source}: ${other}: its touches are not used. A new file is begun; a copy of this one is kept beside it.`
    return { state: nothing, fault, canGrow: false }
  }
  const waiting = new Map<string, RowValues>()
  const known = new Map<string, KnownTouch>()
  const wrong = lines.findIndex((line, i) => i > 0 && !take(valueOf(line) as GrowthEvent | null, waiting, known))
  const state = { waiting: [...waiting.values()], known: [...known.values()] }
  if (wrong !== -1) {
    const fault = `models: ${source}: line ${wrong + 1} of ${lines.length} is damaged: ${counted(state)} used. A copy of the file is kept beside it.`
    return { state, fault, canGrow: false }
  }
  if (rest === '') return { state, fault: null, canGrow: true }
  const fault = `models: ${source}: its last line was cut short: ${counted(state)} used.`
  return { state, fault, canGrow: lines.length > 0 }
}

function counted({ waiting, known }: GrowthState): string {
  const count = waiting.length + known.length
  return count === 1 ? '1 touch before it is' : `${count} touches before it are`
}

/** What a line holds; null where it is damaged. */
function valueOf(line: string): object | null {
  const json = line.slice(9)
  if (line.slice(0, 9) !== `${sumOf(json)} `) return null
  try {
    const value: unknown = JSON.parse(json, read)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}

/** Why touches of a header are not for a base; null where they are. */
function differenceOf(header: object, base: GrowthBase): string | null {
  const { touches: version, base: kept } = header as { readonly touches?: unknown; readonly base?: GrowthBase }
  if (version !== VERSION || kept === undefined) return `has version ${String(version)} of the format, not ${VERSION}`
  const name = [...new Set([...Object.keys(base), ...Object.keys(kept)])].find((each) => kept[each] !== base[each])
  return name === undefined ? null : `is of another ${name} (${shown(kept[name])}, now ${shown(base[name])})`
}

const SHOWN = 60
const shown = (word = 'none'): string => (word.length > SHOWN ? `${word.slice(0, SHOWN)}…` : word)

/** Takes one step; false where it does not follow from those before it. */
function take(event: GrowthEvent | null, waiting: Map<string, RowValues>, known: Map<string, KnownTouch>): boolean {
  if (event?.kind === 'confirmed') {
    if (typeof event.row !== 'object') return false
    waiting.set(String(event.row['event_id']), event.row)
    return true
  }
  const row = event === null ? undefined : waiting.get(event.id)
  if (event === null || row === undefined) return false
  waiting.delete(event.id)
  if (event.kind === 'known') known.set(event.id, { row, outcome: event.outcome, knownNs: event.knownNs })
  return true
}
