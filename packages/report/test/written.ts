const ABSENT = '–'

/** A number as the page writes it: `digits` decimals, a true minus sign, a dash for null. */
export function fixed(value: number | null, digits: number): string {
  if (value === null) return ABSENT
  const text = value.toFixed(digits)
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−')
}

/** A fraction as a percentage. */
export const percent = (value: number | null, digits = 1): string =>
  value === null ? ABSENT : `${fixed(value * 100, digits)}%`

/** A whole number with its thousands grouped. */
export const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 })
