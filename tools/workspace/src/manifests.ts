import type { Manifest } from './manifest.ts'
import { allDependencies } from './manifest.ts'
import type { Repository, WorkspacePackage } from './repository.ts'

/** `exports` entry of a source file: what every entry but './package.json' has to look like. */
type EntryTargets = Readonly<Record<string, string>>

/** What a tarball holds: neither the compiler's state nor maps to sources that are not in it. */
const FILES = ['dist', '!dist/.tsbuildinfo', '!dist/**/*.d.ts.map']

/** Source files named by a manifest's `exports`, without the leading './'. */
export function entrySources(manifest: Manifest): readonly string[] {
  return Object.values(manifest.exports).flatMap((entry) => {
    const source = typeof entry === 'string' ? undefined : entry['@breakwater/source']
    return source === undefined ? [] : [source.replace(/^\.\//, '')]
  })
}

/**
 * Manifests that differ from the common form: name after the folder, version, licence, module type, engines as at the
 * root, no side effects, a dist without build leftovers as `files`, keywords where it is published, a README, and for each
 * entry of `exports` its source, types and default,
 * which exist and which tsup builds.
 */
export function manifestViolations(repository: Repository, engines: Readonly<Record<string, string>>): string[] {
  return repository.packages.flatMap((one) => [
    ...fieldViolations(one, engines),
    ...entryViolations(repository, one),
    ...(repository.files.includes(`${one.folder}/README.md`)
      ? []
      : [`${one.folder}/README.md: absent: every package says what it is. Write it.`]),
  ])
}

/**
 * Versions outside the catalog: a dependency is 'catalog:' and named there, or 'workspace:*' and a package of the
 * workspace; a catalog version is exact.
 */
export function versionViolations(repository: Repository): string[] {
  const inexact = Object.entries(repository.catalog)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(version))
    .map(([name, version]) => `pnpm-workspace.yaml: ${name}=${version}: a catalog version is exact. Write the digits.`)
  return [...inexact, ...repository.packages.flatMap((one) => dependencyViolations(repository, one))]
}

function dependencyViolations({ packages, catalog }: Repository, { folder, manifest }: WorkspacePackage): string[] {
  const names = new Set(packages.map((one) => one.manifest.name))
  return Object.entries(allDependencies(manifest)).flatMap(([name, version]) => {
    const expected = names.has(name) ? 'workspace:*' : 'catalog:'
    if (version !== expected) {
      return [`${folder}/package.json: ${name}=${version}: not the workspace's version. Write '${expected}'.`]
    }
    if (expected === 'workspace:*' || name in catalog) return []
    return [`${folder}/package.json: ${name}: not in the catalog. Add its exact version to pnpm-workspace.yaml.`]
  })
}

function fieldViolations({ folder, manifest }: WorkspacePackage, engines: Readonly<Record<string, string>>): string[] {
  const expected: readonly (readonly [field: string, value: unknown, wanted: unknown])[] = [
    ['name', manifest.name, `@breakwater/${folder.split('/').at(-1)}`],
    ['license', manifest.license, 'Apache-2.0'],
    ['type', manifest.type, 'module'],
    ['engines', manifest.engines, engines],
    ['sideEffects', manifest.sideEffects, false],
    ['files', manifest.files, FILES],
    ['private', manifest.private, /^(?:tools|examples)\//.test(folder)],
    ['exports["./package.json"]', manifest.exports['./package.json'], './package.json'],
  ]
  const wrong = expected.filter(([, value, wanted]) => JSON.stringify(value) !== JSON.stringify(wanted))
  const fields = wrong.map(
    ([field, value, wanted]) =>
      `${folder}/package.json: ${field}=${JSON.stringify(value)}: differs from the common form. Write ${JSON.stringify(wanted)}.`,
  )
  const semantic = /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/.test(manifest.version)
  const words = manifest.private || manifest.keywords.length > 0
  return [
    ...fields,
    ...(semantic ? [] : [`${folder}/package.json: version=${manifest.version}: write it as 1.2.3.`]),
    ...(words ? [] : [`${folder}/package.json: keywords: absent: a registry finds a package by them. Write a few.`]),
  ]
}

function entryViolations(repository: Repository, one: WorkspacePackage): string[] {
  const entries = Object.entries(one.manifest.exports).filter(([name]) => name !== './package.json')
  const built = builtSources(repository, one)
  const shapes = entries.flatMap(([name, entry]) => shapeViolations(one.folder, name, entry))
  const binaries = Object.values(one.manifest.bin).map((path) => path.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts'))
  const sources = [...entrySources(one.manifest), ...binaries]
  return [...shapes, ...sources.flatMap((source) => sourceViolations(repository, one.folder, source, built))]
}

function shapeViolations(folder: string, name: string, entry: string | EntryTargets): string[] {
  const base =
    typeof entry === 'string' ? undefined : /^\.\/src\/(.+)\.ts$/.exec(entry['@breakwater/source'] ?? '')?.[1]
  const wanted = {
    '@breakwater/source': `./src/${base}.ts`,
    types: `./dist/${base}.d.ts`,
    default: `./dist/${base}.js`,
  }
  if (base !== undefined && JSON.stringify(entry) === JSON.stringify(wanted)) return []
  return [
    `${folder}/package.json: exports["${name}"]=${JSON.stringify(entry)}: an entry is its source, types and default, in this order. Write ${JSON.stringify(wanted)}.`,
  ]
}

/** What tsup builds where each module becomes a file of its own. */
const ALL_MODULES = 'src/**/*.ts'

function sourceViolations(repository: Repository, folder: string, source: string, built: readonly string[]): string[] {
  if (!repository.files.includes(`${folder}/${source}`)) {
    return [`${folder}/${source}: absent, but package.json names it. Write it or drop the entry.`]
  }
  return built.includes(source) || built.includes(ALL_MODULES)
    ? []
    : [`${folder}/tsup.config.ts: does not build ${source}. Add it to entry.`]
}

function builtSources(repository: Repository, { folder }: WorkspacePackage): readonly string[] {
  const path = `${folder}/tsup.config.ts`
  if (!repository.files.includes(path)) return []
  const list = /entry:\s*[[{](?<list>[^\]}]*)[\]}]/.exec(repository.read(path))?.groups?.['list'] ?? ''
  return [...list.matchAll(/'(?<source>[^']+)'/g)].map((match) => match.groups?.['source'] ?? '')
}
