import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { createHash } from 'node:crypto'
import { hashFile, replaceFile } from '@breakwater/formats/node'
import { z } from 'zod'
import { canonicalJson, type Json, sha256 } from '../job.ts'
import type { DataFiles } from '../program.ts'
import { type Bus, SUBJECTS } from './bus.ts'
import type { Envelope } from './records.ts'

const json: z.ZodType<Json> = z.json()
const manifestSchema = z.strictObject({
  hash: z.string(),
  reading: json,
  files: z.array(
    z.strictObject({ name: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().min(0) }),
  ),
})

/** Data as it travels: the files by their hashes, and how to read them. Itself a file named by its hash. */
type Manifest = z.infer<typeof manifestSchema>

/** A piece of an object that takes longer than this to come is given up; the client would wait for ever. */
const PIECE_MS = 15_000
const MANIFEST = '.json'

/** Extensions are kept, since readers go by them; names are not, since they are another machine's. */
const extensionOf = (name: string): string => (/^\.[a-z0-9]{1,10}$/.test(extname(name)) ? extname(name) : '')

/** The file that holds content of a hash in a folder of data. */
const blobPath = (folder: string, hash: string, extension: string): string =>
  join(folder, 'data', hash.slice(0, 2), `${hash}${extension}`)

/** What a starter makes available. */
export interface DataShare {
  /** Makes data available, and resolves to the hash of its manifest. */
  readonly publish: (data: DataFiles) => Promise<string>
  /** Answers workers of a run that lack data or a result, which `bring` brings where there is one, until stopped. */
  readonly answer: (run: string, bring: (result: string) => Promise<boolean>) => () => void
}

/** Shares data by content: in `folder` where the workers have it too, else through the object store of the bus. */
export function shareData(bus: Bus, folder: string | null): DataShare {
  const blobs = new Map<string, { readonly source: string | Uint8Array; readonly extension: string }>()
  const put = async (hash: string): Promise<boolean> => {
    const blob = blobs.get(hash)
    if (blob === undefined) return false
    if (folder === null) await bus.steady(() => putObject(bus, hash, blob.source))
    else await putFile(blobPath(folder, hash, blob.extension), hash, blob.source)
    return true
  }
  return {
    publish: async ({ hash, reading, files }) => {
      const listed: Manifest['files'] = []
      for (const { name, path } of files) {
        const content = await hashFile(path)
        blobs.set(content, { source: path, extension: extensionOf(name) })
        listed.push({ name, sha256: content, bytes: (await stat(path)).size })
      }
      const text = Buffer.from(canonicalJson({ hash, reading, files: listed }))
      const manifest = sha256(text)
      blobs.set(manifest, { source: text, extension: MANIFEST })
      for (const { sha256: content } of listed) await put(content)
      await put(manifest)
      return manifest
    },
    answer: (run, bring) => {
      const subscription = bus.nats.subscribe(SUBJECTS.want(run))
      void (async () => {
        for await (const message of subscription) {
          const hash = message.string()
          const answer = await put(hash)
            .then((has) => has || bring(hash))
            .then((has) => (has ? 'here' : 'unknown'), String)
          message.respond(answer)
        }
      })()
      return () => subscription.unsubscribe()
    },
  }
}

async function putFile(path: string, hash: string, source: string | Uint8Array): Promise<void> {
  if (await isWhole(path, hash)) return
  await replaceFile(path, typeof source === 'string' ? checkedPieces(createReadStream(source), hash, source) : source)
}

async function putObject({ data }: Bus, hash: string, source: string | Uint8Array): Promise<void> {
  const there = await data.info(hash)
  if (there !== null && !there.deleted) return
  if (typeof source !== 'string') {
    await data.putBlob({ name: hash }, source)
    return
  }
  await data.put({ name: hash }, Readable.toWeb(createReadStream(source)) as ReadableStream<Uint8Array>)
}

const isWhole = async (path: string, hash: string): Promise<boolean> =>
  (await hashFile(path).catch(() => null)) === hash

/** Passes pieces on and throws at the end where they are not the content of the hash: whoever writes them then writes nothing. */
async function* checkedPieces(
  pieces: AsyncIterable<Uint8Array>,
  hash: string,
  source: string,
): AsyncGenerator<Uint8Array> {
  const running = createHash('sha256')
  for await (const piece of pieces) {
    running.update(piece)
    yield piece
  }
  if (running.digest('hex') === hash) return
  throw new Error(`jobs: ${source}: its SHA-256 is not ${hash}: it was changed or cut off. Restore it, or start again.`)
}

/** Data on a worker's machine. */
export interface DataCache {
  /** The files of a job's data, fetched once and checked. Throws where nobody has them. */
  readonly files: (envelope: Envelope) => Promise<DataFiles>
}

/** Keeps data by content in a folder; what is not there comes from the object store, and what is nowhere from the starter. */
export function cacheData(bus: Bus, folder: string): DataCache {
  const checked = new Map<string, Promise<string>>()
  const fetched = (hash: string, extension: string, envelope: Envelope): Promise<string> => {
    const known = checked.get(hash)
    if (known !== undefined) return known
    const path = blobPath(folder, hash, extension)
    const fetching = fetchBlob(bus, path, hash, envelope).then(() => path)
    checked.set(hash, fetching)
    fetching.catch(() => checked.delete(hash))
    return fetching
  }
  return {
    files: async (envelope) => {
      const text = await readFile(await fetched(envelope.manifest, MANIFEST, envelope), 'utf8')
      const { hash, reading, files } = manifestSchema.parse(JSON.parse(text))
      const paths: { name: string; path: string }[] = []
      for (const { name, sha256: content } of files) {
        paths.push({ name, path: await fetched(content, extensionOf(name), envelope) })
      }
      return { hash, reading, files: paths }
    },
  }
}

async function fetchBlob(bus: Bus, path: string, hash: string, { via, run }: Envelope): Promise<void> {
  if (await isWhole(path, hash)) return
  if (via === 'store' && (await fromStore(bus, path, hash))) return
  // The object store lost it, or the shared folder holds a damaged copy: the starter has the original.
  const answer = await askStarter(bus, run, hash)
  if (await isWhole(path, hash)) return
  if (via === 'store' && (await fromStore(bus, path, hash))) return
  const where =
    via === 'store' ? 'the object store' : 'the shared folder: give this worker the --data-dir of the starter'
  throw new Error(`jobs: data ${hash}: is not in ${where}; asked for it: ${answer}. Run the starter's command again.`)
}

/** Asks the starter of a run for data or a result of a hash. Resolves to its answer when what it has is there. */
export const askStarter = ({ nats }: Bus, run: string, hash: string): Promise<string> =>
  nats.request(SUBJECTS.want(run), hash, { timeout: PIECE_MS }).then(
    (reply) => reply.string(),
    (error: unknown) => `the starter does not answer (${String(error)})`,
  )

async function fromStore({ data }: Bus, path: string, hash: string): Promise<boolean> {
  const object = await data.get(hash).catch(() => null)
  if (object === null) return false
  try {
    await replaceFile(path, checkedPieces(inTime(object.data), hash, 'the object store'))
    return true
  } catch (error) {
    // Damaged there: without it the starter puts it anew.
    if (error instanceof Error && error.message.includes('SHA-256')) await data.delete(hash).catch(() => undefined)
    else throw error
    return false
  }
}

/** The pieces of a stream, each within {@link PIECE_MS}. */
export async function* inTime(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const late = new AbortController()
      const timeout = setTimeout(PIECE_MS, null, { signal: late.signal }).catch(() => null)
      const next = await Promise.race([reader.read(), timeout])
      late.abort()
      if (next === null) throw new Error(`jobs: the object store sent nothing for ${PIECE_MS / 1000} s`)
      if (next.done) return
      yield next.value
    }
  } finally {
    void reader.cancel().catch(() => undefined)
  }
}
