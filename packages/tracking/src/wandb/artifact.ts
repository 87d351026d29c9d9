import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

/** One file of an artifact: `digest` is the base64 of its MD5. */
export interface ManifestEntry {
  readonly path: string
  readonly digest: string
  readonly size: number
  readonly localPath: string
}

/** The files of an artifact, sorted by path, and the digest of them all. */
export interface WandbManifest {
  readonly entries: readonly ManifestEntry[]
  readonly digest: string
}

/** The manifest of files that lie at `localPath`. Reads each once, a piece at a time. */
export async function makeManifest(
  files: readonly { readonly path: string; readonly localPath: string }[],
): Promise<WandbManifest> {
  const entries: ManifestEntry[] = []
  for (const { path, localPath } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const hash = createHash('md5')
    for await (const piece of createReadStream(localPath)) hash.update(piece as Uint8Array)
    entries.push({ path, localPath, digest: hash.digest('base64'), size: (await stat(localPath)).size })
  }
  return { entries, digest: manifestDigest(entries) }
}

/** Hex MD5 over "wandb-artifact-manifest-v1" and "path:digest" of each entry in order of path, a line each. */
function manifestDigest(entries: readonly Pick<ManifestEntry, 'path' | 'digest'>[]): string {
  const hash = createHash('md5').update('wandb-artifact-manifest-v1\n')
  for (const { path, digest } of entries) hash.update(`${path}:${digest}\n`)
  return hash.digest('hex')
}
