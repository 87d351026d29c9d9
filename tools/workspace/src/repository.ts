import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'

/** One package of the workspace. */
export interface WorkspacePackage {
  /** Folder from the root, with slashes: 'packages/trees'. */
  readonly folder: string
  readonly manifest: Manifest
}

/** The files of a repository and what its packages declare. Paths are relative to its root, with slashes. */
export interface Repository {
  readonly packages: readonly WorkspacePackage[]
  /** Every file that is not ignored, sorted. */
  readonly files: readonly string[]
  /** Text of a file. Throws where there is none. */
  readonly read: (path: string) => string
  /** The catalog of pnpm-workspace.yaml: version by name. */
  readonly catalog: Readonly<Record<string, string>>
}

const GROUPS = ['packages', 'apps', 'tools', 'examples']
const catalogSchema = z.looseObject({ catalog: z.record(z.string(), z.string()).default({}) })

/** Folder of tools that bring pnpm and Node before any install: pnpm leaves it out of the workspace, and so do we. */
const BOOTSTRAP = 'tools/toolchain'

/** Reads the repository at `root` from disk; texts of files are read when asked for, once. */
export function readRepository(root: string): Repository {
  const files = listFiles(root, ignoredNames(readFileSync(join(root, '.gitignore'), 'utf8')))
  const texts = new Map<string, string>()
  const read = (path: string): string => {
    const text = texts.get(path) ?? readFileSync(join(root, path), 'utf8')
    texts.set(path, text)
    return text
  }
  const { catalog } = catalogSchema.parse(parse(read('pnpm-workspace.yaml')))
  return { packages: packagesOf(root, read), files, read, catalog }
}

/** The files of a package's own: those in its folder. */
export function filesOf(repository: Repository, one: WorkspacePackage): readonly string[] {
  return repository.files.filter((path) => path.startsWith(`${one.folder}/`))
}

function packagesOf(root: string, read: (path: string) => string): WorkspacePackage[] {
  return GROUPS.flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
    .filter((folder) => folder !== BOOTSTRAP && existsSync(join(root, folder, 'package.json')))
    .map((folder) => ({
      folder,
      manifest: parseManifest(read(`${folder}/package.json`), `${folder}/package.json`),
    }))
}

/** The entries of .gitignore: bare names, which match anywhere, and '/paths/' from the root; '*.ending' matches names. */
function ignoredNames(gitignore: string): (path: string) => boolean {
  const entries = gitignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const rules = entries.map((entry) => {
    const bare = entry.replaceAll(/^\/|\/$/g, '')
    if (entry.startsWith('/')) return (path: string) => path === bare
    if (entry.startsWith('*')) return (path: string) => path.endsWith(bare.slice(1))
    return (path: string) => path === bare || path.endsWith(`/${bare}`)
  })
  return (path) => path === '.git' || rules.some((rule) => rule(path))
}

function listFiles(root: string, ignored: (path: string) => boolean, folder = ''): string[] {
  const found: string[] = []
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (ignored(path)) continue
    if (entry.isDirectory()) found.push(...listFiles(root, ignored, path))
    else if (entry.isFile()) found.push(path)
  }
  return found.toSorted()
}
