import { entrySources } from './manifests.ts'
import type { Repository } from './repository.ts'
import { exportsOf } from './syntax.ts'
import type { ExportStatement } from './syntax.ts'

/**
 * Entry files (the sources of `exports`) whose surface is not plain: each statement re-exports names from a module
 * (`export { a } from`), modules in rising order, names in rising order without regard to case. No `export *`, no default.
 */
export function surfaceViolations(repository: Repository): string[] {
  return repository.packages.flatMap((one) =>
    entrySources(one.manifest)
      .map((source) => `${one.folder}/${source}`)
      .filter((path) => repository.files.includes(path))
      .flatMap((path) => violations(path, exportsOf(path, repository.read(path)))),
  )
}

function violations(path: string, statements: readonly ExportStatement[]): string[] {
  const rules: string[] = []
  for (const { from, names } of statements) {
    if (from === undefined) rules.push(`exports ${names.join(', ')} of its own. Move it to a module and re-export it`)
    if (names.includes('*')) rules.push(`exports all of '${from}'. Name what is public`)
    if (names.includes('default')) rules.push('exports a default. Export it by name')
    const sorted = names.toSorted(ignoringCase)
    if (sorted.join() !== names.join()) rules.push(`names are unsorted. Write ${sorted.join(', ')}`)
  }
  const modules = statements.flatMap(({ from }) => (from === undefined ? [] : [from]))
  const at = modules.findIndex((from, index) => index > 0 && from < (modules[index - 1] ?? ''))
  if (at > 0) rules.push(`'${modules[at]}' stands after '${modules[at - 1]}'. Sort the modules`)
  return rules.map((rule) => `${path}: ${rule}.`)
}

function ignoringCase(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  if (a === b) return 0
  return a < b ? -1 : 1
}
