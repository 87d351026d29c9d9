import type { Thresholds } from '@breakwater/features/vocabulary'
import type { PublishedTarget } from '../session/payload.ts'

const NEW_YORK = 'America/New_York'
const clockOf = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-GB', { timeZone: NEW_YORK, ...options })
const full = clockOf({ dateStyle: 'medium', timeStyle: 'medium' })
const seconds = clockOf({ timeStyle: 'medium' })
const minutes = clockOf({ hour: '2-digit', minute: '2-digit' })
const short = clockOf({ day: 'numeric', month: 'short', year: '2-digit', hour: '2-digit', minute: '2-digit' })
const days = clockOf({ day: 'numeric', month: 'short', year: 'numeric' })

/** A value that may be missing. */
export type Maybe = number | null | undefined

/** Dollars with cents; 'none' where missing. */
export const dollars = (value: Maybe): string => (typeof value === 'number' ? value.toFixed(2) : 'none')

/** Dollars with their sign. */
export const signed = (value: Maybe): string => signedTo(value, 2)

/** A number with its sign and so many digits. */
export const signedTo = (value: Maybe, digits: number): string =>
  typeof value === 'number' ? `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}` : 'none'

/** A share as whole percent; a dash where missing. */
export const percent = (value: Maybe): string => {
  if (typeof value !== 'number') return '–'
  if (value > 0 && value < 0.005) return '<1%'
  if (value < 1 && value > 0.995) return '>99%'
  return `${Math.round(value * 100)}%`
}

/** Milliseconds since 1970 as date and time in New York. */
export const newYork = (ms: Maybe): string => (typeof ms === 'number' ? full.format(ms) : 'none')

/** Milliseconds since 1970 as the time of day in New York, with seconds. */
export const timeOfDay = (ms: Maybe): string => (typeof ms === 'number' ? seconds.format(ms) : 'none')

/** Milliseconds since 1970 as hour and minute in New York. */
export const minuteOfDay = (ms: number): string => minutes.format(ms)

/** Milliseconds since 1970 as date and minute in New York. */
export const dateAndMinute = (ms: Maybe): string => (typeof ms === 'number' ? short.format(ms) : 'none')

/** Milliseconds since 1970 as a date in New York. */
export const dateText = (ms: number): string => days.format(ms)

/** A length of time in words: '45 s', '3 min 20 s', '1 h 5 min'. */
export function duration(ms: number): string {
  const total = Math.round(ms / 1000)
  if (total < 60) return `${total} s`
  if (total < 3600) return total % 60 === 0 ? `${total / 60} min` : `${Math.floor(total / 60)} min ${total % 60} s`
  return `${Math.floor(total / 3600)} h ${Math.round((total % 3600) / 60)} min`
}

/** An interval in words; empty without one. */
export const between = (
  interval: readonly [number, number] | null | undefined,
  format: (value: Maybe) => string,
): string => (interval === null || interval === undefined ? '' : `${format(interval[0])} to ${format(interval[1])}`)

type ReachKind = keyof PublishedTarget['time_to_threshold']

/** The kinds of a reach surface with their names, in the order of its table. */
export const reachNames = ([near, far]: Thresholds): readonly (readonly [ReachKind, string])[] => [
  ['t1', `$${near}, either way`],
  ['t1_break', `$${near} beyond`],
  ['t1_bounce', `$${near} back`],
  ['t2', `$${far}, either way`],
  ['t2_break', `$${far} beyond`],
  ['t2_bounce', `$${far} back`],
]
