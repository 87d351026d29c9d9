import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256 } from './job.ts'

/** What a version is made of. */
export interface VersionParts {
  /** For people, such as a release. */
  readonly release: string
  /** Modules, as `import.meta.resolve` names them: every file of code in their folders counts, and in the folders below. */
  readonly modules: readonly string[]
}

const CODE = /\.(?:[cm]?[jt]s|wasm)$/
const SHORT = 12

/**
 * The version of a program: its release with a digest of its code, then the platform: operating system, processor and the engine of
 * JavaScript, whose mathematics may round differently. An edit of one line makes another version. Reads the files once.
 */
export function programVersion({ release, modules }: VersionParts): string {
  const folders = modules.map((module) => dirname(fileURLToPath(module)))
  const digests = folders.flatMap((folder) =>
    codeIn(folder).map((file) => `${file} ${sha256(readFileSync(join(folder, file)))}`),
  )
  const { platform, arch, versions } = process
  return `${release}+${sha256(digests.join('\n')).slice(0, SHORT)} ${platform} ${arch} v8-${versions.v8}`
}

/** Files of code below a folder, relative to it, in order. */
function codeIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => CODE.test(file) && !file.includes('node_modules') && statSync(join(folder, file)).isFile())
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted()
}
