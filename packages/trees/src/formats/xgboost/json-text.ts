import type { DocumentValue } from './document.ts'

/** Strings, and the words that XGBoost's JSON has beyond the standard. */
const WORDS = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g

/**
 * Parses JSON with the words NaN, Infinity and -Infinity, which XGBoost writes and the standard lacks. Infinities become
 * numbers, NaN the string 'NaN'. Throws SyntaxError where it is not JSON.
 */
export function readJsonText(text: string): DocumentValue {
  const standard = text.replaceAll(WORDS, (word) => {
    if (word === 'NaN') return '"NaN"'
    return word.endsWith('Infinity') ? word.replace('Infinity', '1e999') : word
  })
  return JSON.parse(standard) as DocumentValue
}

/** Most significant digits that a 32-bit float needs. */
const MAX_DIGITS = 9

/**
 * The shortest decimal that is read back as the same 32-bit float, with an exponent as XGBoost writes it: without one it
 * would take 3 for an integer, and it reads no more than nine digits.
 */
export function shortestFloat(x: number): string {
  if (!Number.isFinite(x)) return String(x)
  if (Object.is(x, -0)) return '-0E0'
  for (let digits = 6; digits < MAX_DIGITS; digits++) {
    const rounded = Number(x.toPrecision(digits))
    if (Math.fround(rounded) === x) return exponential(rounded)
  }
  return exponential(Number(x.toPrecision(MAX_DIGITS)))
}

const exponential = (x: number): string => x.toExponential().replace(/e\+?/, 'E')

/** JSON text of a document; 32-bit floats in their shortest form. */
export function writeJsonText(value: DocumentValue): string {
  if (value instanceof Float32Array) return `[${Array.from(value, shortestFloat).join(',')}]`
  if (ArrayBuffer.isView(value)) return `[${(value as Int32Array).join(',')}]`
  if (Array.isArray(value)) return `[${(value as readonly DocumentValue[]).map(writeJsonText).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value as { readonly [key: string]: DocumentValue })
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${writeJsonText(item)}`).join(',')}}`
  }
  return JSON.stringify(value)
}
