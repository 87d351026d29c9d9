import { posix } from 'node:path'
import { filesOf } from './repository.ts'
import type { Repository, WorkspacePackage } from './repository.ts'
import { importsOf } from './syntax.ts'
import type { ImportedModule } from './syntax.ts'

/**
 * Imports that break the boundaries: a relative one that leaves the package, a deep one into another package of the
 * workspace (only names in its `exports`), and a test or benchmark that reaches into its own package's src where that has
 * a public surface (apps have none). Looks at every TypeScript and JavaScript file of every package.
 */
export function importViolations(repository: Repository): string[] {
  return repository.packages.flatMap((one) =>
    filesOf(repository, one)
      .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
      .flatMap((path) =>
        importsOf(path, repository.read(path)).flatMap((imported) => violations(repository, one, path, imported)),
      ),
  )
}

function violations(repository: Repository, one: WorkspacePackage, path: string, imported: ImportedModule): string[] {
  const { specifier, line } = imported
  const rule = specifier.startsWith('.')
    ? relativeRule(one, path, specifier)
    : workspaceRule(repository.packages, specifier)
  return rule === undefined ? [] : [`${path}:${line}: imports '${specifier}': ${rule}`]
}

function relativeRule(one: WorkspacePackage, path: string, specifier: string): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(path), specifier))
  if (!target.startsWith(`${one.folder}/`)) {
    return 'a relative import stays inside its package. Import the other package by its name.'
  }
  const hasSurface = '.' in one.manifest.exports
  const outside = path.startsWith(`${one.folder}/test/`) || path.startsWith(`${one.folder}/bench/`)
  if (hasSurface && outside && target.startsWith(`${one.folder}/src/`)) {
    return `tests and benchmarks use the public surface. Import '${one.manifest.name}'.`
  }
  return undefined
}

function workspaceRule(packages: readonly WorkspacePackage[], specifier: string): string | undefined {
  const target = packages.find(({ manifest: { name } }) => specifier === name || specifier.startsWith(`${name}/`))
  if (target === undefined) return undefined
  const entry = `.${specifier.slice(target.manifest.name.length)}`
  if (entry in target.manifest.exports) return undefined
  const known = Object.keys(target.manifest.exports).join(', ')
  return `${target.manifest.name} exports only ${known}. Import one of these, or export what is needed there.`
}
