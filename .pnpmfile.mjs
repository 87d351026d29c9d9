/** The condition by which the workspace runs its sources, which no package ships. */
const SOURCE = '@breakwater/source'

/** @param {string | Record<string, string>} entry */
function shipped(entry) {
  if (typeof entry === 'string') return entry
  const { [SOURCE]: _source, ...targets } = entry
  return targets
}

/**
 * What `pnpm pack` and `pnpm publish` write into a tarball in place of package.json: nothing that only the workspace has.
 * @param {Record<string, unknown> & { exports?: Record<string, string | Record<string, string>> }} manifest
 */
function beforePacking({
  exports = {},
  imports: _tests,
  nx: _targets,
  scripts: _scripts,
  devDependencies: _dev,
  ...rest
}) {
  return {
    ...rest,
    exports: Object.fromEntries(Object.entries(exports).map(([name, entry]) => [name, shipped(entry)])),
  }
}

export const hooks = { beforePacking }
