/** Numbers of one type, as UBJSON's typed arrays hold them. */
export type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array | Int16Array | BigInt64Array

/** A value of a JSON or UBJSON document. */
export type DocumentValue =
  string | number | boolean | null | NumberArray | readonly DocumentValue[] | { readonly [key: string]: DocumentValue }

/** A value with its place in the file, for errors that name it. */
export interface DocumentField {
  readonly value: DocumentValue | undefined
  /** Such as `learner.gradient_booster.model`. */
  readonly place: string
  readonly source: string
}

/** The error that a place of a file breaks a rule. */
export function wrong({ place, source }: Omit<DocumentField, 'value'>, rule: string): Error {
  return new Error(`trees: ${source}: ${place}: ${rule}. Is it a whole model that XGBoost saved? Save it again.`)
}

/** The value under `key` of an object; `value` undefined where there is none. */
export function fieldOf(parent: DocumentField, key: string): DocumentField {
  const { value, place, source } = parent
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw wrong(parent, 'must be an object')
  }
  const object = value as { readonly [key: string]: DocumentValue }
  return {
    value: Object.hasOwn(object, key) ? object[key] : undefined,
    place: place === '' ? key : `${place}.${key}`,
    source,
  }
}

/** The value under a path of keys. */
export function pathOf(parent: DocumentField, ...keys: readonly string[]): DocumentField {
  return keys.reduce(fieldOf, parent)
}

/** A list of values with their places. */
export function itemsOf(list: DocumentField): DocumentField[] {
  const { value, place, source } = list
  if (!Array.isArray(value)) throw wrong(list, 'must be a list')
  return (value as readonly DocumentValue[]).map((item, i) => ({ value: item, place: `${place}[${i}]`, source }))
}

/** A list of numbers; the word NaN, which stands for it in JSON, is the number. Checks `length` where it is given. */
export function numbersOf(list: DocumentField, length?: number): ArrayLike<number> {
  const { value } = list
  const numbers = value instanceof BigInt64Array ? Array.from(value, Number) : value
  if (!Array.isArray(numbers) && !ArrayBuffer.isView(numbers)) throw wrong(list, 'must be a list of numbers')
  const found = numbers as ArrayLike<unknown>
  if (length !== undefined && found.length !== length) {
    throw wrong(list, `has ${found.length} entries: must have ${length}`)
  }
  if (ArrayBuffer.isView(found)) return found as unknown as ArrayLike<number>
  return Array.from(found, (x, i) => {
    if (typeof x === 'number') return x
    if (x === 'NaN') return Number.NaN
    if (typeof x === 'boolean') return Number(x)
    throw wrong({ ...list, place: `${list.place}[${i}]` }, 'must be a number')
  })
}

/** A whole number that is written as a number or, as XGBoost does, as a word; `otherwise` where there is none. */
export function integerOf(field: DocumentField, otherwise?: number): number {
  const { value } = field
  if (value === undefined && otherwise !== undefined) return otherwise
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw wrong(field, 'must be a whole number')
}

/** A word. */
export function textOf(field: DocumentField): string {
  if (typeof field.value === 'string') return field.value
  throw wrong(field, 'must be a string')
}
