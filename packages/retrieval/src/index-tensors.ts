import type { Dtype, Tensor, TensorData, TensorElements } from '@breakwater/formats'
import { z } from 'zod'
import type { RetrievalIndex } from './index-data.ts'
import { INDEX_VERSION } from './index-data.ts'
import { REACH_NAMES } from './input.ts'
import type { ReachName } from './input.ts'

/** The `format` of an index file's metadata. */
const FORMAT = 'breakwater-retrieval-index'

/** An index as tensors and the strings that go with them. */
export interface IndexTensors {
  readonly tensors: ReadonlyMap<string, Tensor>
  readonly metadata: Readonly<Record<string, string>>
}

/** The tensors and metadata of an index; nothing is copied. */
export function toTensors(index: RetrievalIndex): IndexTensors {
  const { normaliser, rows, stored, reference } = index
  const tensors = new Map<string, Tensor>()
  const add = (name: string, data: TensorData, shape: readonly number[] = [data.length]): void =>
    void tensors.set(name, { shape, data })
  add('vectors', index.vectors, [rows, normaliser.kept.length])
  add('kept', normaliser.kept)
  add('median', normaliser.median)
  add('mean', normaliser.mean)
  add('scale', normaliser.scale)
  for (const name of PLAIN) add(name, stored[name])
  for (const name of REACH_NAMES) add(`times.${name}`, stored.times[name])
  add('ids.bytes', stored.ids.bytes)
  add('ids.offsets', stored.ids.offsets)
  add('reference', reference.distances, [reference.k, reference.rows])
  const { features, dropped } = normaliser
  const facts: Facts = {
    features,
    dropped,
    partitions: index.partitions,
    sessions: index.sessions,
    k: index.k,
    episodeCap: index.episodeCap === Infinity ? null : index.episodeCap,
    resolutionSeconds: index.resolutionSeconds,
  }
  const texts = Object.entries(facts).map(([key, value]) => [key, JSON.stringify(value)] as const)
  return { tensors, metadata: { format: FORMAT, version: String(INDEX_VERSION), ...Object.fromEntries(texts) } }
}

const PLAIN = [
  'row',
  'tsNs',
  'resolvedNs',
  'episode',
  'session',
  'outcome',
  'tradeable2',
  'strengthSigned',
  'strengthAbs',
  'observed',
] as const

const word = z.string().nullable()
const count = z.number().int().min(0)
const facts = z.object({
  features: z.array(z.string()).readonly(),
  dropped: z.array(z.object({ name: z.string(), reason: z.enum(['no values', 'zero variance']) })).readonly(),
  partitions: z
    .array(z.object({ direction: word, levelKindName: word, gammaBucket: word, start: count, end: count }))
    .readonly(),
  sessions: z.array(z.string()).readonly(),
  k: count.min(1),
  episodeCap: count.min(1).nullable(),
  resolutionSeconds: z.number().min(0),
})
type Facts = z.infer<typeof facts>

/** Looks a tensor up by name, type and shape. Throws where there is none. */
export type TakeTensor = <D extends Dtype>(
  name: string,
  dtype: D,
  shape: readonly (number | null)[],
) => TensorElements[D]

/** The index that tensors and metadata describe, over the tensors' own memory. Throws on another format or version. */
export function fromTensors(
  metadata: Readonly<Record<string, string>>,
  take: TakeTensor,
  source: string,
): RetrievalIndex {
  if (metadata['format'] !== FORMAT) throw foreign(source, `its format is ${metadata['format'] ?? 'not named'}`)
  if (metadata['version'] !== String(INDEX_VERSION)) {
    throw foreign(source, `its version is ${metadata['version']}, and this reader knows ${INDEX_VERSION}`)
  }
  const { features, dropped, partitions, sessions, k, episodeCap, resolutionSeconds } = factsOf(metadata, source)
  const width = features.length - dropped.length
  const rows = partitions.at(-1)?.end ?? 0
  if (rows === 0) throw foreign(source, 'it has no rows, and an empty index cannot answer')
  if (partitions.some(({ start, end }, i) => start !== (partitions[i - 1]?.end ?? 0) || end <= start)) {
    throw foreign(source, 'its partitions do not follow one another')
  }
  const floats = (name: string): Float32Array => take(name, 'F32', [rows])
  const distances = take('reference', 'F32', [null, null])
  const referenceK = distances.length === 0 ? 0 : k
  return {
    version: INDEX_VERSION,
    normaliser: {
      features,
      dropped,
      kept: take('kept', 'I32', [width]),
      median: take('median', 'F64', [width]),
      mean: take('mean', 'F64', [width]),
      scale: take('scale', 'F64', [width]),
    },
    rows,
    vectors: take('vectors', 'F32', [rows, width]),
    partitions,
    stored: {
      row: take('row', 'I32', [rows]),
      ids: { bytes: take('ids.bytes', 'U8', [null]), offsets: take('ids.offsets', 'U32', [rows + 1]) },
      tsNs: take('tsNs', 'I64', [rows]),
      resolvedNs: take('resolvedNs', 'I64', [rows]),
      episode: take('episode', 'I32', [rows]),
      session: take('session', 'I32', [rows]),
      outcome: take('outcome', 'I8', [rows]),
      tradeable2: floats('tradeable2'),
      strengthSigned: floats('strengthSigned'),
      strengthAbs: floats('strengthAbs'),
      times: Object.fromEntries(REACH_NAMES.map((name) => [name, floats(`times.${name}`)])) as Record<
        ReachName,
        Float32Array
      >,
      observed: floats('observed'),
    },
    sessions,
    k,
    episodeCap: episodeCap ?? Infinity,
    resolutionSeconds,
    reference: { k: referenceK, rows: referenceK === 0 ? 0 : distances.length / referenceK, distances },
  }
}

function factsOf(metadata: Readonly<Record<string, string>>, source: string): Facts {
  const values = Object.fromEntries(
    Object.keys(facts.shape).map((key) => {
      try {
        return [key, JSON.parse(metadata[key] ?? '')] as [string, unknown]
      } catch (cause) {
        throw foreign(source, `its metadata has no ${key}`, cause)
      }
    }),
  )
  const parsed = facts.safeParse(values)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw foreign(source, `its metadata ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`)
}

/** The error for a file that is not an index of this package. */
export function foreign(source: string, why: string, cause?: unknown): Error {
  return new Error(
    `retrieval: ${source}: is not a whole retrieval index: ${why}. Pass a file that \`breakwater index\` wrote, or write it again.`,
    { cause },
  )
}
