import { knownCode } from './failure.ts'
import type { OpenFile } from './file-system.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { discard, prepareTarget, publish } from './target.ts'
import type { Target, WriteOptions } from './target.ts'

/** Options of {@link replaceFileBy}. */
export interface ReplaceByOptions extends WriteOptions {
  /** Says what is wrong with the written file, or null where it is whole; by default a file must not be empty. */
  readonly verify?: ((file: Pick<OpenFile, 'read' | 'size'>) => Promise<string | null>) | undefined
}

/**
 * Replaces a file that another library writes: `produce` writes it whole at the temporary path that it is given, and may
 * resolve to the number of bytes that it wrote. The file is then measured, verified, brought to the disk and renamed over
 * `path`; where anything fails the path keeps what it held. An error of `produce` is passed on, unless the system's words
 * are in it: then it names the file, the cause and the fix.
 */
export async function replaceFileBy(
  path: string,
  produce: (temporary: string) => Promise<number | void>,
  options: ReplaceByOptions = {},
): Promise<void> {
  const target = await prepareTarget(path, null, options)
  const bytes = await produced(target, produce)
  try {
    target.signal?.throwIfAborted()
    await finish(target, bytes, options.verify ?? notEmpty)
    await publish(target)
  } catch (cause) {
    throw await discard(target, cause)
  }
}

async function produced(
  target: Target,
  produce: (temporary: string) => Promise<number | void>,
): Promise<number | undefined> {
  try {
    return (await produce(target.temporary)) ?? undefined
  } catch (cause) {
    const error = await discard(target, cause)
    throw target.signal?.aborted !== true && knownCode(cause) === undefined ? cause : error
  }
}

async function finish(
  { temporary, previous, files, durable }: Target,
  bytes: number | undefined,
  verify: NonNullable<ReplaceByOptions['verify']>,
): Promise<void> {
  const file = await files.open(temporary, 'update')
  try {
    const size = await file.size()
    if (bytes !== undefined && size !== bytes) {
      throw new Error(`the file has ${size} of the ${bytes} bytes that were written`)
    }
    const fault = await verify(file)
    if (fault !== null) throw new Error(`what was written is not complete: ${fault}`)
    if (previous !== null) await file.inherit(previous)
    if (durable) await file.sync()
  } finally {
    await file.close()
  }
}

async function notEmpty(file: Pick<OpenFile, 'size'>): Promise<string | null> {
  return (await file.size()) > 0 ? null : 'it is empty'
}

/** Replaces a file by a copy of another, which shares its blocks where the file system can. */
export async function replaceFileByCopy(path: string, source: string, options: WriteOptions = {}): Promise<void> {
  const files = options.files ?? nodeFileSystem
  await replaceFileBy(
    path,
    async (temporary) => {
      await files.copy(source, temporary)
      return (await files.status(source))?.size
    },
    { ...options, verify: () => Promise.resolve(null) },
  )
}
