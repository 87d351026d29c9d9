/** Element types that pass between TypeScript and numpy. */
export type NpyValues = Float32Array | Float64Array | Int32Array | Uint8Array

/** An array of any number of dimensions. */
export interface NpyArray {
  readonly values: NpyValues
  /** Length of each dimension; one dimension where left out. */
  readonly shape?: readonly number[]
  /** 'C': the last index runs fastest (rows one after another); 'F': the first does (columns). Default 'C'. */
  readonly order?: 'C' | 'F'
}

const KINDS = [
  { descr: '<f4', make: (bytes: ArrayBuffer) => new Float32Array(bytes) },
  { descr: '<f8', make: (bytes: ArrayBuffer) => new Float64Array(bytes) },
  { descr: '<i4', make: (bytes: ArrayBuffer) => new Int32Array(bytes) },
  { descr: '|u1', make: (bytes: ArrayBuffer) => new Uint8Array(bytes) },
] as const

const MAGIC = '\u0093NUMPY'
const HEADER_START = 10
const ALIGNMENT = 64

/**
 * Writes numpy's file format, version 1.0 (numpy.lib.format): magic, header length, a Python literal padded with spaces
 * to 64 bytes, the elements in little-endian order. `numpy.load` reads it. Throws where shape and length differ.
 */
export function encodeNpy({ values, shape = [values.length], order = 'C' }: NpyArray): Uint8Array {
  const size = shape.reduce((product, length) => product * length, 1)
  if (size !== values.length) {
    throw new RangeError(`interop: shape=[${shape.join(', ')}]: ${size} elements, but values has ${values.length}`)
  }
  const dimensions = shape.map((length) => `${length},`).join(' ')
  const fields = `'descr': '${descrOf(values)}', 'fortran_order': ${order === 'F' ? 'True' : 'False'}`
  const literal = `{${fields}, 'shape': (${dimensions}), }`
  const padding = ALIGNMENT - ((HEADER_START + literal.length + 1) % ALIGNMENT)
  const header = `${literal}${' '.repeat(padding)}\n`
  const start = Buffer.from(`${MAGIC}\u0001\u0000`, 'latin1')
  const length = Buffer.from(Uint16Array.of(header.length).buffer)
  const elements = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return Buffer.concat([start, length, Buffer.from(header, 'latin1'), elements])
}

/** Reads what {@link encodeNpy} and `numpy.save` write, for the four element types. Throws on anything else. */
export function decodeNpy(bytes: Uint8Array): Required<NpyArray> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.toString('latin1', 0, 7) !== `${MAGIC}\u0001`) throw new TypeError('interop: not an .npy file of version 1')
  const end = HEADER_START + view.readUInt16LE(8)
  const header = view.toString('latin1', HEADER_START, end)
  const found =
    /'descr': '(?<descr>[^']+)', 'fortran_order': (?<fortran>True|False), 'shape': \((?<shape>[\d, ]*)\)/.exec(
      header,
    )?.groups
  const kind = KINDS.find(({ descr }) => descr === found?.['descr'])
  if (found === undefined || kind === undefined) {
    const known = KINDS.map(({ descr }) => descr).join(', ')
    throw new TypeError(`interop: .npy header ${header.trim()}: the element type must be one of ${known}`)
  }
  const shape = (found['shape'] ?? '').split(',').flatMap((text) => (text.trim() === '' ? [] : [Number(text)]))
  const values = kind.make(Uint8Array.from(view.subarray(end)).buffer)
  return { values, shape, order: found['fortran'] === 'True' ? 'F' : 'C' }
}

function descrOf(values: NpyValues): string {
  if (values instanceof Float32Array) return '<f4'
  if (values instanceof Float64Array) return '<f8'
  return values instanceof Int32Array ? '<i4' : '|u1'
}
