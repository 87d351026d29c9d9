import { decodeSafetensors, encodeSafetensors, type TensorData } from '@breakwater/formats'
import type { Json } from './job.ts'

/** Values that {@link pack} takes: plain objects, arrays, maps with string keys, typed arrays, and what JSON holds. */
export type Packable =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | TensorData
  | ReadonlyMap<string, Packable>
  | readonly Packable[]
  | { readonly [key: string]: Packable }

const VALUE = 'value'
const FORMAT = 'breakwater-pack'
const VERSION = '1'
/** Keys that stand for what JSON has no word for. */
const [ARRAY, MAP, NUMBER, BIGINT] = ['$array', '$map', '$number', '$bigint'] as const

/**
 * A value as the pieces of a safetensors file: a tensor of JSON text named `value`, and its typed arrays as further ones, to the
 * bit. Equal values give equal bytes; NaN, infinities and -0 are kept, properties that are undefined are left out. The memory of
 * the arrays is given, not copied. Throws a `TypeError` that names the place of a value that is not plain data.
 */
export function pack(value: Packable): readonly Uint8Array[] {
  const arrays: TensorData[] = []
  const text = JSON.stringify(flatten(value, arrays, VALUE))
  const tensors = new Map([[VALUE, tensor(new TextEncoder().encode(text))]])
  for (const [i, array] of arrays.entries()) tensors.set(String(i), tensor(array))
  return encodeSafetensors(tensors, { format: FORMAT, version: VERSION })
}

const tensor = (data: TensorData): { readonly shape: readonly number[]; readonly data: TensorData } => ({
  shape: [data.length],
  data,
})

function flatten(value: Packable, arrays: TensorData[], place: string): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'bigint') return { [BIGINT]: String(value) }
  if (typeof value === 'object') return flattenObject(value, arrays, place)
  if (typeof value !== 'number') {
    throw new TypeError(`jobs: ${place} is ${typeof value}, which is no plain data. Leave it out.`)
  }
  if (Object.is(value, -0)) return { [NUMBER]: '-0' }
  return Number.isFinite(value) ? value : { [NUMBER]: String(value) }
}

function flattenObject(value: Packable & object, arrays: TensorData[], place: string): Json {
  if (Array.isArray(value)) {
    return (value as readonly Packable[]).map((each, i) => flatten(each, arrays, `${place}[${i}]`))
  }
  if (ArrayBuffer.isView(value)) return { [ARRAY]: arrays.push(value) - 1 }
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, Packable>)]
    return { [MAP]: entries.map(([key, each]) => [key, flatten(each, arrays, `${place}.${key}`)]) }
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`jobs: ${place} is an instance of a class. Give its fields as a plain object.`)
  }
  const flat: Record<string, Json> = {}
  for (const [key, each] of Object.entries(value as Record<string, Packable>)) {
    if (each === undefined) continue
    if (key.startsWith('$') || key === '__proto__') {
      throw new TypeError(`jobs: ${place}.${key}: such a key cannot be kept. Rename it.`)
    }
    flat[key] = flatten(each, arrays, `${place}.${key}`)
  }
  return flat
}

/** The value that {@link pack} made bytes of; its arrays are views of `bytes` where those lie well. Throws on other bytes. */
export function unpack(bytes: Uint8Array): Packable {
  const { metadata, tensors } = decodeSafetensors(
    bytes,
    (why, cause) => new Error(`jobs: a packed value: ${why}. Compute it again.`, { cause }),
  )
  const text = tensors.get(VALUE)?.data
  if (metadata['format'] !== FORMAT || metadata['version'] !== VERSION || !(text instanceof Uint8Array)) {
    throw new Error(`jobs: not a packed value of version ${VERSION}. It is another file, or of another program.`)
  }
  return raise(JSON.parse(new TextDecoder().decode(text)) as Json, (name) => {
    const found = tensors.get(name)?.data
    if (found === undefined) throw new Error(`jobs: a packed value lacks its array ${name}. Compute it again.`)
    return found
  })
}

function raise(value: Json, arrayOf: (name: string) => TensorData): Packable {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => raise(each, arrayOf))
  const fields = value as { readonly [key: string]: Json }
  if (ARRAY in fields) return arrayOf(JSON.stringify(fields[ARRAY]))
  if (NUMBER in fields) return Number(fields[NUMBER])
  if (BIGINT in fields) return BigInt(fields[BIGINT] as string)
  if (MAP in fields) {
    const entries = fields[MAP] as readonly (readonly [string, Json])[]
    return new Map(entries.map(([key, each]) => [key, raise(each, arrayOf)]))
  }
  return Object.fromEntries(Object.entries(fields).map(([key, each]) => [key, raise(each, arrayOf)]))
}
