import type { Score } from '@breakwater/evaluation'

/** Stands where a number does not exist. */
const ABSENT = '–'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A number with `digits` decimals and a true minus sign; {@link ABSENT} for null and for what is not finite. */
export function fixed(value: number | null, digits: number): string {
  if (value === null || !Number.isFinite(value)) return ABSENT
  const text = value.toFixed(digits)
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−')
}

/** A whole number with its thousands grouped: 12,345. */
export const whole = (value: number): string => fixed(value, 0).replaceAll(/\B(?=(\d{3})+$)/g, ',')

/** A fraction as a percentage: 0.1234 is 12.3%. */
export const percent = (value: number | null, digits = 1): string => {
  const text = fixed(value === null ? null : value * 100, digits)
  return text === ABSENT ? text : `${text}%`
}

/** Writes a score's figures. */
export type Format = (value: number | null) => string

/** The interval of a score, '0.51 to 0.63', or null where it has none. */
export function interval({ low, high }: Score, format: Format): string | null {
  return low === null || high === null ? null : `${format(low)} to ${format(high)}`
}

/** '2025-01-02' as 'Jan 2', or 'Jan 2, 2025' with its year. Text that is not a date is returned as it is. */
export function shortDate(date: string, withYear = false): string {
  const [year, month, day] = date.split('-').map(Number)
  const name = MONTHS[(month ?? 0) - 1]
  if (name === undefined || year === undefined || day === undefined) return date
  return withYear ? `${name}\u00A0${day}, ${year}` : `${name}\u00A0${day}`
}

/** '2025-01-02T03:04:05.678Z' as '2025-01-02 03:04 UTC'. Text that is not a time is returned as it is. */
export const shortTime = (iso: string): string => iso.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}).*Z$/, '$1 $2 UTC')

/** '1 session', '2 sessions'. */
export const plural = (count: number, noun: string): string => `${whole(count)} ${noun}${count === 1 ? '' : 's'}`
