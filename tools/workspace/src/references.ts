import { posix } from 'node:path'
import { allDependencies, parseReferences } from './manifest.ts'
import type { Repository, WorkspacePackage } from './repository.ts'

/**
 * TypeScript project references that differ from the manifests: the root references every package, a package
 * its tsconfig.lib.json (where it has src) and tsconfig.test.json (where it has tests), the library the workspace
 * packages among its `dependencies`, the tests the library and every workspace package among its dependencies.
 */
export function referenceViolations(repository: Repository): string[] {
  const wanted = repository.packages.flatMap((one) => wantedReferences(repository, one))
  const folders = repository.packages.map((one) => one.folder)
  // The root also references `tools`, whose bootstrap belongs to no package.
  return [...wanted, { path: 'tsconfig.json', references: [...folders, 'tools'] }].flatMap(({ path, references }) =>
    compare(repository, path, references),
  )
}

interface ExpectedReferences {
  readonly path: string
  readonly references: readonly string[]
}

function wantedReferences(repository: Repository, one: WorkspacePackage): ExpectedReferences[] {
  const has = (folder: string): boolean =>
    repository.files.some((path) => path.startsWith(`${one.folder}/${folder}/`) && path.endsWith('.ts'))
  const library = has('src') ? [`${one.folder}/tsconfig.lib.json`] : []
  const tests = has('test') ? [`${one.folder}/tsconfig.test.json`] : []
  const used = (dependencies: Readonly<Record<string, string>>): string[] =>
    repository.packages
      .filter(({ manifest }) => manifest.name in dependencies && manifest.name !== one.manifest.name)
      .map(({ folder }) => `${folder}/tsconfig.lib.json`)
  return [
    { path: `${one.folder}/tsconfig.json`, references: [...library, ...tests] },
    ...library.map((path) => ({ path, references: used(one.manifest.dependencies) })),
    ...tests.map((path) => ({ path, references: [...library, ...used(allDependencies(one.manifest))] })),
  ]
}

function compare(repository: Repository, path: string, wanted: readonly string[]): string[] {
  if (!repository.files.includes(path)) return [`${path}: absent: TypeScript would not check this part. Write it.`]
  const given = parseReferences(repository.read(path), path).map((reference) =>
    posix.normalize(posix.join(posix.dirname(path), reference)),
  )
  const missing = wanted.filter((reference) => !given.includes(reference))
  const surplus = given.filter((reference) => !wanted.includes(reference))
  return [
    ...missing.map((one) => `${path}: does not reference ${one}, which the package uses. Add it.`),
    ...surplus.map((one) => `${path}: references ${one}, which package.json does not name. Remove it.`),
  ]
}
