import { posix } from 'node:path'
import { filesOf } from './repository.ts'
import type { Repository, WorkspacePackage } from './repository.ts'
import { importsOf } from './syntax.ts'

/** The files of the repository that each TypeScript or JavaScript file of a package imports, types included, sorted. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/**
 * Who imports whom: relative imports, private names of a package ('#src/*'), and packages of the workspace by name, which
 * lead to the sources of their entries. Imports of anything else are left out.
 */
export function importGraph(repository: Repository): ImportGraph {
  const known = new Set(repository.files)
  return new Map(
    repository.packages.flatMap((one) =>
      filesOf(repository, one)
        .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
        .map((path): [string, string[]] => {
          const imported = importsOf(path, repository.read(path))
          const targets = imported
            .map(({ specifier }) => targetOf(repository, one, path, specifier))
            .filter((target) => target !== undefined)
            .filter((target) => known.has(target))
          return [path, [...new Set(targets)].toSorted()]
        }),
    ),
  )
}

/** The files that import each file, sorted; a file that none imports has no entry. */
export function importersOf(graph: ImportGraph): ReadonlyMap<string, readonly string[]> {
  const importers = new Map<string, string[]>()
  for (const [from, targets] of graph) {
    for (const target of targets) importers.set(target, [...(importers.get(target) ?? []), from])
  }
  return importers
}

function targetOf(
  { packages }: Repository,
  own: WorkspacePackage,
  path: string,
  specifier: string,
): string | undefined {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(path), specifier))
  if (specifier.startsWith('#')) return privateTarget(own, specifier)
  const target = packages.find(({ manifest: { name } }) => specifier === name || specifier.startsWith(`${name}/`))
  const entry = target?.manifest.exports[`.${specifier.slice(target.manifest.name.length)}`]
  const source = typeof entry === 'string' ? undefined : entry?.['@breakwater/source']
  return target === undefined || source === undefined ? undefined : posix.join(target.folder, source)
}

function privateTarget({ folder, manifest }: WorkspacePackage, specifier: string): string | undefined {
  for (const [name, source] of Object.entries(manifest.imports)) {
    const [before = '', after = ''] = name.split('*')
    if (specifier === name) return posix.join(folder, source)
    if (name.includes('*') && specifier.startsWith(before) && specifier.endsWith(after)) {
      return posix.join(folder, source.replace('*', specifier.slice(before.length, specifier.length - after.length)))
    }
  }
  return undefined
}
