import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LISTED_FILE } from '@breakwater/formats'
import { listedFile, replaceFile } from '@breakwater/formats/node'
import { z } from 'zod'
import { decodeBundle, encodeBundle } from './bundle.ts'
import type { Bundle, Json } from './bundle.ts'

/** Version of metadata_{stage}_{ablation}.json; a reader refuses another. */
export const METADATA_VERSION = 1

/** One head as the metadata lists it: with its file, or with the reason why there is none. */
export type HeadEntry =
  | {
      readonly head: string
      readonly status: 'trained'
      readonly file: string
      readonly sha256: string
      readonly bytes: number
    }
  | { readonly head: string; readonly status: 'skipped'; readonly reason: string }

/** metadata_{stage}_{ablation}.json. */
export interface BundleMetadata {
  readonly format: 'breakwater-bundles'
  readonly version: typeof METADATA_VERSION
  readonly stage: string
  readonly ablation: string
  /** ISO 8601, UTC. */
  readonly timestamp: string
  readonly heads: readonly HeadEntry[]
  /** Whatever the writer wants to keep beside the bundles. */
  readonly details: Json
}

/** What {@link writeBundles} writes. */
export interface BundleSet {
  readonly stage: string
  readonly ablation: string
  readonly timestamp: string
  readonly bundles: readonly Bundle[]
  readonly skipped: readonly { readonly head: string; readonly reason: string }[]
  readonly details: Json
}

/** What {@link loadBundles} read. */
export interface LoadedBundles {
  readonly metadata: BundleMetadata
  /** By head, in the metadata's order. */
  readonly bundles: ReadonlyMap<string, Bundle>
  readonly skipped: readonly { readonly head: string; readonly reason: string }[]
}

/** File name of one head's bundle. */
export const bundleFile = (head: string, stage: string, ablation: string): string => `${head}_${stage}_${ablation}.onnx`

/** File name of a set's metadata. */
export const metadataFile = (stage: string, ablation: string): string => `metadata_${stage}_${ablation}.json`

/** SHA-256 of bytes, 64 lower-case hex digits. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * Writes `{head}_{stage}_{ablation}.onnx` for each bundle and last the metadata that lists them with their hashes, each
 * whole or not at all. A reader that loads by the metadata sees the old set or the new one; in
 * between, it sees a hash that does not match and refuses. Returns the metadata's path.
 */
export async function writeBundles(folder: string, set: BundleSet): Promise<string> {
  const metadata = await writeBundleFiles(folder, set)
  const path = join(folder, metadataFile(set.stage, set.ablation))
  await replaceFile(path, metadataText(metadata))
  return path
}

/** Writes the bundles alone, as {@link writeBundles} does, and gives the metadata that lists them. */
export async function writeBundleFiles(folder: string, set: BundleSet): Promise<BundleMetadata> {
  const files = new Map<string, Uint8Array>()
  const heads: HeadEntry[] = []
  for (const bundle of set.bundles) {
    const { head } = bundle.description
    const file = bundleFile(head, set.stage, set.ablation)
    const bytes = encodeBundle(bundle)
    files.set(file, bytes)
    heads.push({ head, status: 'trained', file, sha256: sha256(bytes), bytes: bytes.length })
  }
  for (const { head, reason } of set.skipped) heads.push({ head, status: 'skipped', reason })
  const twice = heads.find(({ head }, i) => heads.findIndex((other) => other.head === head) < i)
  if (twice) throw new RangeError(`trees: heads: ${twice.head} occurs twice. Give every head its own name.`)
  const metadata: BundleMetadata = {
    format: 'breakwater-bundles',
    version: METADATA_VERSION,
    stage: set.stage,
    ablation: set.ablation,
    timestamp: set.timestamp,
    heads,
    details: set.details,
  }
  const path = join(folder, metadataFile(set.stage, set.ablation))
  // A value that JSON cannot hold would be read back as another one, and a name with a slash elsewhere.
  checked(metadata, `${path}, to be written`, 'Correct what is to be written.')
  for (const [file, bytes] of files) await replaceFile(join(folder, file), bytes)
  return metadata
}

/** The text of a metadata file. */
export const metadataText = (metadata: BundleMetadata): string => `${JSON.stringify(metadata, null, 2)}\n`

/** The metadata with `pathOf` of each bundle's file in place of its name. */
export const withBundlePaths = (metadata: BundleMetadata, pathOf: (file: string) => string): BundleMetadata => ({
  ...metadata,
  heads: metadata.heads.map((entry) => (entry.status === 'trained' ? { ...entry, file: pathOf(entry.file) } : entry)),
})

const layout = z.strictObject({
  format: z.literal('breakwater-bundles'),
  version: z.literal(METADATA_VERSION),
  stage: z.string(),
  ablation: z.string(),
  timestamp: z.string(),
  heads: z.array(
    z.discriminatedUnion('status', [
      z.strictObject({
        head: z.string(),
        status: z.literal('trained'),
        file: z.string().regex(LISTED_FILE).endsWith('.onnx'),
        sha256: z.string().length(64),
        bytes: z.number().int().positive(),
      }),
      z.strictObject({ head: z.string(), status: z.literal('skipped'), reason: z.string() }),
    ]),
  ),
  details: z.json(),
})

/** Metadata with the SHA-256 of the bytes that it was read from. */
export interface HashedMetadata {
  readonly metadata: BundleMetadata
  readonly sha256: string
}

/** Reads and checks the metadata of a set; "model bundle missing" where there is none. */
export async function loadMetadata(folder: string, stage: string, ablation: string): Promise<HashedMetadata> {
  const path = join(folder, metadataFile(stage, ablation))
  if (!existsSync(path)) {
    throw new Error(
      `trees: ${path}: model bundle missing. Run \`breakwater train --stage ${stage} --ablation ${ablation}\` first.`,
    )
  }
  const bytes = await readFile(path)
  return { metadata: checked(jsonOf(bytes.toString('utf8'), path), path, 'Train again.'), sha256: sha256(bytes) }
}

/** The value as metadata; an error that names the place inside it and the fix where it is none. */
function checked(value: unknown, source: string, fix: string): BundleMetadata {
  const parsed = layout.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`trees: ${source}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}. ${fix}`)
}

/**
 * Loads the bundles of one set, or only `heads` of them, checking each file's hash, format and names against the metadata.
 * A head that was skipped in training is listed as such and is not an error, unless it is requested by name. The files are
 * read at once and decoded in order; until then the bytes of all are in memory. `metadata` that was loaded before is not
 * read again: what was chosen by it is then loaded by it.
 */
export async function loadBundles(
  folder: string,
  set: {
    readonly stage: string
    readonly ablation: string
    readonly heads?: readonly string[]
    readonly metadata?: BundleMetadata
  },
): Promise<LoadedBundles> {
  const metadata = set.metadata ?? (await loadMetadata(folder, set.stage, set.ablation)).metadata
  const names = set.heads ?? metadata.heads.filter(({ status }) => status === 'trained').map(({ head }) => head)
  const files = names.map((name) => {
    const entry = trainedEntry(metadata, name)
    const bytes = readChecked(folder, entry)
    // The first failure is thrown below; those of files after it are of no interest.
    bytes.catch(() => undefined)
    return { entry, bytes }
  })
  const bundles = new Map<string, Bundle>()
  for (const { entry, bytes } of files) bundles.set(entry.head, decodeHead(folder, metadata, entry, await bytes))
  const skipped = metadata.heads
    .filter((entry) => entry.status === 'skipped')
    .map(({ head, reason }) => ({ head, reason }))
  return { metadata, bundles, skipped }
}

type TrainedEntry = Extract<HeadEntry, { status: 'trained' }>

function trainedEntry(metadata: BundleMetadata, name: string): TrainedEntry {
  const entry = metadata.heads.find(({ head }) => head === name)
  if (entry?.status === 'trained') return entry
  const why = entry === undefined ? 'the set has no such head' : `it was skipped in training: ${entry.reason}`
  throw new Error(`trees: heads=${name}: model bundle missing: ${why}. Train it first.`)
}

/** The bytes of a head's file, its hash compared with the metadata's. */
async function readChecked(folder: string, entry: TrainedEntry): Promise<Uint8Array> {
  const path = listedFile(folder, entry.file)
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    throw new Error(`trees: ${path}: model bundle missing. Train again, or restore the file.`, { cause })
  })
  if (sha256(bytes) === entry.sha256) return bytes
  throw new Error(
    `trees: ${path}: its SHA-256 is not the one in the metadata: it was changed after training, or is of another training. Train again.`,
  )
}

function decodeHead(
  folder: string,
  { stage, ablation }: BundleMetadata,
  entry: TrainedEntry,
  bytes: Uint8Array,
): Bundle {
  const path = listedFile(folder, entry.file)
  const bundle = decodeBundle(bytes, path)
  const { description } = bundle
  if (description.head !== entry.head || description.stage !== stage || description.ablation !== ablation) {
    throw new Error(
      `trees: ${path}: describes ${description.head} of ${description.stage} ${description.ablation}, not what its name says.`,
    )
  }
  return bundle
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`trees: ${path}: is not JSON. Train again, or restore the file.`, { cause })
  }
}
