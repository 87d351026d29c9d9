// What `npm install @breakwater/trainer` puts on a disk beside our own code: every package that it needs on this platform, each once.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const MB = 1e6

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Where a package finds another: below it, or beside it as in the store of packages. */
function found(folder: string, name: string): string | null {
  for (let at = folder; at.startsWith(root.replace(/\/$/, '')); at = dirname(at)) {
    const path = join(at, 'node_modules', name)
    if (existsSync(path)) return realpathSync(path)
  }
  return null
}

/** Bytes of the files of a package, without those that it finds below it. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .map((entry) => (entry.isDirectory() ? bytesOf(join(folder, entry.name)) : statSync(join(folder, entry.name)).size))
    .reduce((sum, bytes) => sum + bytes, 0)
}

/** Bytes of all packages of others that a package of this repository needs, by name; what is not for this platform is not there. */
function needed(folder: string, seen = new Map<string, number>(), visited = new Set<string>()): Map<string, number> {
  if (visited.has(folder)) return seen
  visited.add(folder)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  if (!manifest.name.startsWith('@breakwater/'))
    seen.set(manifest.name, (seen.get(manifest.name) ?? 0) + bytesOf(folder))
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const at = found(folder, name)
    if (at !== null) needed(at, seen, visited)
    else if (manifest.dependencies?.[name] !== undefined) throw new Error(`${manifest.name}: ${name} is not installed`)
  }
  return seen
}

test.each([
  ['trainer', 95],
  ['scorer', 95],
])('what %s installs beside our own code is at most %i MB', (app, most) => {
  const sizes = [...needed(realpathSync(join(root, 'apps', app)))].toSorted(([, a], [, b]) => b - a)
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0)
  const largest = sizes.slice(0, 6).map(([name, bytes]) => `${name} ${(bytes / MB).toFixed(1)}`)
  process.stdout.write(`${app}: ${sizes.length} packages, ${(total / MB).toFixed(1)} MB: ${largest.join(', ')}\n`)
  expect(sizes.map(([name]) => name)).not.toContain('onnxruntime-node')
  expect(total).toBeLessThanOrEqual(most * MB)
})
