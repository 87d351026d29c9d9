const NEW_YORK = 'America/New_York'
const full = new Intl.DateTimeFormat('en-GB', { timeZone: NEW_YORK, dateStyle: 'medium', timeStyle: 'medium' })
const clock = new Intl.DateTimeFormat('en-GB', { timeZone: NEW_YORK, timeStyle: 'medium' })
const short = new Intl.DateTimeFormat('en-GB', {
  timeZone: NEW_YORK,
  day: 'numeric',
  month: 'short',
  year: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
})
const NS_PER_MS = 1e6

/** @typedef {number | null | undefined} Maybe */

/** @param {Maybe} value */
export const dollars = (value) => (typeof value === 'number' ? value.toFixed(2) : 'none')

/** @param {Maybe} value */
export const signed = (value) =>
  typeof value === 'number' ? `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}` : 'none'

/** @param {Maybe} value */
export const percent = (value) => (typeof value === 'number' ? `${Math.round(value * 100)}%` : '–')

/**
 * Milliseconds since 1970 as date and time in New York.
 *
 * @param {Maybe} ms
 */
export const newYork = (ms) => (typeof ms === 'number' ? full.format(ms) : 'none')

/**
 * Nanoseconds since 1970 as the time of day in New York.
 *
 * @param {Maybe} ns
 */
export const timeOfDay = (ns) => (typeof ns === 'number' ? clock.format(Math.round(ns / NS_PER_MS)) : 'none')

/**
 * Nanoseconds since 1970 as date and minute in New York.
 *
 * @param {Maybe} ns
 */
export const minuteOf = (ns) => (typeof ns === 'number' ? short.format(Math.round(ns / NS_PER_MS)) : 'none')

/**
 * An interval in words; empty without one.
 *
 * @param {readonly [number, number] | null | undefined} interval
 * @param {(value: Maybe) => string} format
 */
export const between = (interval, format) =>
  interval === null || interval === undefined ? '' : `${format(interval[0])} to ${format(interval[1])}`
