import { parseManifest } from '@breakwater/workspace'
import type { Repository } from '@breakwater/workspace'

/** A package in the common form, as text of its package.json; `changes` replaces fields. */
function manifestText(folder: string, changes: Readonly<Record<string, unknown>>): string {
  const name = folder.split('/').at(-1)
  const layer = { packages: '0', apps: 'app', tools: 'tool', examples: 'example' }[folder.split('/')[0] ?? '']
  return JSON.stringify({
    name: `@breakwater/${name}`,
    version: '0.0.0',
    private: /^(?:tools|examples)\//.test(folder),
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: '>=24' },
    sideEffects: false,
    exports: {
      '.': { '@breakwater/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    files: ['dist', '!dist/.tsbuildinfo', '!dist/**/*.d.ts.map'],
    keywords: ['word'],
    nx: { tags: [`layer:${layer}`] },
    ...changes,
  })
}

/** The files of a package in the common form; add to or replace them. */
export function packageFiles(
  folder: string,
  changes: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, string>> {
  return {
    [`${folder}/package.json`]: manifestText(folder, changes),
    [`${folder}/README.md`]: '# A package\n',
    [`${folder}/tsup.config.ts`]: "export default { entry: ['src/index.ts'] }\n",
    [`${folder}/src/index.ts`]: "export { value } from './value.ts'\n",
    [`${folder}/src/value.ts`]: 'export const value = 1\n',
    [`${folder}/tsconfig.json`]: '{ "references": [{ "path": "./tsconfig.lib.json" }] }',
    [`${folder}/tsconfig.lib.json`]: '{}',
  }
}

/** A repository in memory. Its packages are those whose package.json is among the files. */
export function repositoryOf(
  files: Readonly<Record<string, string>>,
  catalog: Readonly<Record<string, string>> = {},
): Repository {
  const paths = Object.keys(files).toSorted()
  const folders = paths.filter((path) => /^\w+\/\w+\/package\.json$/.test(path)).map((path) => path.slice(0, -13))
  const read = (path: string): string => files[path] ?? ''
  return {
    packages: folders.map((folder) => ({
      folder,
      manifest: parseManifest(read(`${folder}/package.json`), `${folder}/package.json`),
    })),
    files: paths,
    read,
    catalog,
  }
}
