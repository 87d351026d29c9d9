import { allDependencies } from './manifest.ts'
import type { Repository, WorkspacePackage } from './repository.ts'

/** Layers by tag, and the folder that holds each. */
const LAYER_FOLDERS: Readonly<Record<string, string>> = {
  '0': 'packages',
  '1': 'packages',
  app: 'apps',
  tool: 'tools',
  example: 'examples',
}

/** The package that every other may use, and which uses none. */
const FORMATS = 'packages/formats'

/** The other edges between packages of the workspace below the apps. */
const ALLOWED_EDGES: readonly (readonly [from: string, to: string])[] = [['packages/viewport', 'packages/features']]

/** The tools that an app may use. */
const APP_TOOLS: readonly (readonly [from: string, to: string])[] = [['apps/trainer', 'tools/simulator']]

/**
 * Breaches of the layers. A package carries one nx tag: layer:0 or layer:1 in packages, layer:app in apps, layer:tool in
 * tools, layer:example in examples. Packages depend on nothing of the workspace, in no kind of dependency, except on formats,
 * and packages of layer 1 take the words of the domain from features (their other parts they meet through interfaces of
 * their own). Apps use packages, and the trainer the simulator. Nothing but
 * a tool uses a tool, and only a tool or an example may use an app.
 */
export function layerViolations({ packages }: Pick<Repository, 'packages'>): string[] {
  return [...packages.flatMap(tagViolations), ...packages.flatMap((one) => edgeViolations(one, packages))]
}

function tagViolations({ folder, manifest }: WorkspacePackage): string[] {
  const layers = manifest.nx.tags.filter((tag) => tag.startsWith('layer:')).map((tag) => tag.slice('layer:'.length))
  const [layer] = layers
  if (layers.length === 1 && LAYER_FOLDERS[layer ?? ''] === folder.split('/')[0]) return []
  return [
    `${folder}/package.json: nx.tags=${JSON.stringify(manifest.nx.tags)}: one tag layer:0 or layer:1 in packages, layer:app in apps, layer:tool in tools, layer:example in examples. Set it.`,
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
  const isListed = (edges: typeof ALLOWED_EDGES): boolean => edges.some(([a, b]) => a === from && b === to)
  if (from.startsWith('tools/')) return true
  if (from.startsWith('apps/')) return to.startsWith('packages/') || isListed(APP_TOOLS)
  if (from.startsWith('examples/')) return to.startsWith('packages/') || to.startsWith('apps/')
  return (to === FORMATS && from !== FORMATS) || isListed(ALLOWED_EDGES)
}

function ruleFor(from: string): string {
  if (from.startsWith('examples/')) return 'an example uses packages and apps only'
  return from.startsWith('apps/')
    ? 'an app uses packages only (the trainer also the simulator)'
    : 'a package uses no other of the workspace, except formats, viewport features'
}
