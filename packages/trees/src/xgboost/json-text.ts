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
const MOST_DIGITS = 9

/** The shortest decimal that is read back as the same 32-bit float. */
export function shortestFloat(x: number): string {
  if (!Number.isFinite(x)) return String(x)
  for (let digits = 6; digits < MOST_DIGITS; digits++) {
    const text = x.toPrecision(digits)
    if (Math.fround(Number(text)) === x) return trimmed(text, x)
  }
  return trimmed(x.toPrecision(MOST_DIGITS), x)
}

/** Without zeros that say nothing; minus zero keeps its sign. */
const trimmed = (text: string, x: number): string => (Object.is(x, -0) ? '-0.0' : String(Number(text)))

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
