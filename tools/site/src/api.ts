import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, type TypeDocOptions } from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'

/**
 * Writes a page for the entry of every package at `root` into the folder `out`, from the docstrings of what it exports, and returns
 * their paths there. Throws where a source cannot be read or a link in a docstring leads to nothing that is exported.
 */
export async function writeApiPages(root: string, out: string): Promise<string[]> {
  const options: TypeDocOptions & PluginOptions = {
    entryPoints: globSync('packages/*/src/index.ts', { cwd: root })
      .toSorted()
      .map((file) => join(root, file)),
    tsconfig: join(root, 'tools', 'site', 'tsconfig.api.json'),
    plugin: [fileURLToPath(import.meta.resolve('typedoc-plugin-markdown'))],
    outputs: [{ name: 'markdown', path: out }],
    skipErrorChecking: true,
    excludePrivate: true,
    disableSources: true,
    readme: 'none',
    name: 'API',
    router: 'module',
    outputFileStrategy: 'modules',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    entryFileName: 'index',
    logLevel: 'Error',
    treatWarningsAsErrors: false,
  }
  const app = await Application.bootstrapWithPlugins(options)
  const project = await app.convert()
  if (project === undefined) throw new Error('site: API: the sources could not be read. Run `npm run lint` first.')
  await app.generateOutputs(project)
  const index = join(out, 'index.md')
  writeFileSync(
    index,
    readFileSync(index, 'utf8').replace(/\[([\w-]+)\/src\]\(\1\/src\.md\)/g, '[@breakwater/$1](./$1.md)'),
  )
  return globSync('*/src.md', { cwd: out }).map((file) => named(out, dirname(file)))
}

/** The page of a package under its name: `passage.md` for `passage/src.md`. Returns its path. */
function named(out: string, name: string): string {
  const text = readFileSync(join(out, name, 'src.md'), 'utf8')
    .replace(/^# .*$/m, `# @breakwater/${name}`)
    .replace(/\]\(\.\.\/([\w-]+)\/src\.md/g, '](./$1.md')
  rmSync(join(out, name), { recursive: true })
  writeFileSync(join(out, `${name}.md`), text)
  return `${name}.md`
}
