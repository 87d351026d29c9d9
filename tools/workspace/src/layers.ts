import { allDependencies } from './manifest.ts'
import type { Repository, WorkspacePackage } from './repository.ts'

/** Layers by tag, and the folder that holds each. */
const LAYER_FOLDERS: Readonly<Record<string, string>> = {
  '0': 'packages',
  '1': 'packages',
  '2': 'packages',
  '3': 'packages',
  '4': 'packages',
  app: 'apps',
  tool: 'tools',
  example: 'examples',
}

/** The package that every other may use, and which uses none. */
const FORMATS = 'formats'

/** The app that puts the commands of the others under one name. */
const COMMAND = 'apps/cli'

/** The packages that a package may use beside {@link FORMATS}, by name; one that is not listed uses no other. */
const PACKAGES_BELOW: Readonly<Record<string, readonly string[]>> = {
  simulator: ['calibration', 'features', 'trees'],
  viewport: ['features'],
  bus: ['viewport'],
  models: ['calibration', 'features', 'jobs', 'passage', 'patchtst', 'retrieval', 'splits', 'trees', 'viewport'],
  monitor: ['calibration', 'features', 'models', 'trees', 'viewport'],
  evaluation: ['calibration', 'features', 'models', 'monitor', 'patchtst', 'retrieval', 'trees', 'viewport'],
  pages: ['calibration', 'features', 'models', 'viewport'],
  report: ['evaluation', 'features', 'models', 'splits'],
}

/**
 * Breaches of the layers. A package carries one nx tag: layer:0 to layer:4 in packages, layer:app in apps, layer:tool in
 * tools, layer:example in examples. A package depends, in any kind of dependency, on those packages alone that stand below
 * it, {@link FORMATS} and those of {@link PACKAGES_BELOW}; most depend on none and meet their parts through interfaces of their own. Apps use packages
 * only, and {@link COMMAND} the other apps. Nothing but a tool uses a tool, and only a tool or an example may use an app.
 */
export function layerViolations({ packages }: Pick<Repository, 'packages'>): string[] {
  return [...packages.flatMap(tagViolations), ...packages.flatMap((one) => edgeViolations(one, packages))]
}

function tagViolations({ folder, manifest }: WorkspacePackage): string[] {
  const layers = manifest.nx.tags.filter((tag) => tag.startsWith('layer:')).map((tag) => tag.slice('layer:'.length))
  const [layer] = layers
  if (layers.length === 1 && LAYER_FOLDERS[layer ?? ''] === folder.split('/')[0]) return []
  return [
    `${folder}/package.json: nx.tags=${JSON.stringify(manifest.nx.tags)}: one tag layer:0 to layer:4 in packages, layer:app in apps, layer:tool in tools, layer:example in examples. Set it.`,
  ]
}

function edgeViolations(from: WorkspacePackage, packages: readonly WorkspacePackage[]): string[] {
  const targets = packages.filter(
    (to) => to !== from && to.manifest.name in allDependencies(from.manifest) && !mayUse(from.folder, to.folder),
  )
  return targets.map(
    (to) =>
      `${from.folder}/package.json: depends on ${to.manifest.name}: ${ruleFor(from.folder)}. Pass plain values or an interface in instead.`,
  )
}

function mayUse(from: string, to: string): boolean {
  if (from.startsWith('tools/')) return true
  if (from === COMMAND) return to.startsWith('packages/') || to.startsWith('apps/')
  if (from.startsWith('apps/')) return to.startsWith('packages/')
  if (from.startsWith('examples/')) return to.startsWith('packages/') || to.startsWith('apps/')
  return belowOf(from).some((name) => to === `packages/${name}`)
}

function belowOf(folder: string): readonly string[] {
  const name = folder.replace('packages/', '')
  return name === FORMATS ? [] : [FORMATS, ...(PACKAGES_BELOW[name] ?? [])]
}

function ruleFor(from: string): string {
  if (from.startsWith('examples/')) return 'an example uses packages and apps only'
  if (from.startsWith('apps/')) return 'an app uses packages only'
  const below = belowOf(from)
  return `of the workspace this package uses ${below.length === 0 ? 'nothing' : `${below.join(', ')} only`}`
}
