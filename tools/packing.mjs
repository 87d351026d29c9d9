// The hook of .pnpmfile.mjs: what goes into a tarball in place of package.json.
import { relative, sep } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The condition by which the workspace runs its sources, which no package ships. */
const SOURCE = '@breakwater/source'

/** @param {string | Record<string, string>} entry */
function shipped(entry) {
  if (typeof entry === 'string') return entry
  const { [SOURCE]: _source, ...targets } = entry
  return targets
}

/**
 * Where a package's sources lie: in the repository whose workflow publishes it, which says so in its environment and which the registry
 * compares with the signature of the tarball. Nowhere else is that known.
 * @param {string | undefined} folder
 */
function repositoryOf(folder) {
  const { GITHUB_SERVER_URL: server = 'https://github.com', GITHUB_REPOSITORY: name } = process.env
  if (name === undefined || name === '') return {}
  const directory = folder === undefined ? undefined : relative(ROOT, folder).split(sep).join('/')
  return { repository: { type: 'git', url: `git+${server}/${name}.git`, directory } }
}

/**
 * What `pnpm pack` and `pnpm publish` write into a tarball in place of package.json: nothing that only the workspace has.
 * @param {Record<string, unknown> & { exports?: Record<string, string | Record<string, string>> }} manifest
 */
function beforePacking(
  { exports = {}, imports: _tests, nx: _targets, scripts: _scripts, devDependencies: _dev, ...rest },
  /** @type {string | undefined} */ folder,
) {
  return {
    ...rest,
    ...repositoryOf(folder),
    exports: Object.fromEntries(Object.entries(exports).map(([name, entry]) => [name, shipped(entry)])),
  }
}

export const hooks = { beforePacking }
