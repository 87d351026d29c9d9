import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const found = z.array(z.looseObject({ name: z.string(), line: z.number().optional() })).default([])

const RULES = {
  files: 'no other file uses it. Remove it or import it',
  dependencies: 'declared but unused. Remove it from package.json',
  devDependencies: 'declared but unused. Remove it from package.json',
  unlisted: 'imported but not declared. Add it to package.json with catalog: or workspace:*',
  unresolved: 'imported but cannot be found. Correct the path',
  exports: 'exported but used in no other file. Drop the export or the code',
  types: 'exported but used nowhere. Drop it',
  duplicates: 'exported twice. Keep one name',
  catalog: 'in the catalog but unused. Remove it from pnpm-workspace.yaml',
  catalogReferences: 'not in the catalog. Add it to pnpm-workspace.yaml',
  binaries: 'run by a script but not declared. Add its package to devDependencies',
} as const

const reportSchema = z.looseObject({
  issues: z.array(
    z.looseObject({
      file: z.string(),
      files: found,
      dependencies: found,
      devDependencies: found,
      unlisted: found,
      unresolved: found,
      exports: found,
      types: found,
      catalog: found,
      catalogReferences: found,
      binaries: found,
      duplicates: z.array(found).default([]),
    }),
  ),
})

/** What {@link unusedViolations} looks at. */
export interface UnusedOptions {
  /**
   * `all`: files, exports, types, dependencies and catalog entries, in sources, tests and benchmarks. `production`: only
   * whether what the sources import stands in `dependencies` (not devDependencies), and the other way round.
   */
  readonly scope: 'all' | 'production'
}

/**
 * What is declared but unused, or used but undeclared, in the repository at `root`, as the tool knip finds it with this
 * package's knip.json. Runs it as a process of its own, about two seconds.
 */
export async function unusedViolations(root: string, { scope }: UnusedOptions): Promise<string[]> {
  const production = ['--production', '--strict', '--include', 'dependencies,unlisted,unresolved']
  const output = await runKnip(root, scope === 'production' ? production : [])
  return messages(output)
}

function messages(output: string): string[] {
  const { issues } = reportSchema.parse(JSON.parse(output))
  return issues.flatMap(({ file, duplicates, ...issue }) => {
    const kinds = { ...issue, duplicates: duplicates.flat() }
    return Object.entries(RULES).flatMap(([kind, rule]) =>
      found.parse(Reflect.get(kinds, kind)).map(({ name, line }) => {
        const place = line === undefined ? file : `${file}:${line}`
        return name === file ? `${place}: ${rule}.` : `${place}: ${name}: ${rule}.`
      }),
    )
  })
}

async function runKnip(root: string, args: readonly string[]): Promise<string> {
  const binary = fileURLToPath(new URL('../bin/knip.js', import.meta.resolve('knip')))
  const config = fileURLToPath(new URL('../knip.json', import.meta.url))
  const shared = ['--directory', root, '--config', config, '--reporter', 'json', '--no-progress', '--no-config-hints']
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [binary, ...shared, ...args], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      // knip ends with status 1 when it has found something, which its output then lists.
      if (error !== null && error.code !== 1) {
        reject(new Error(`workspace: knip ended with ${error.code}: ${stderr}`, { cause: error }))
      } else resolve(stdout)
    })
  })
}
