import { filesOf } from './repository.ts'
import type { Repository, WorkspacePackage } from './repository.ts'

/** The named input of nx.json that stands for the description of the columns. */
const SCHEMA_INPUT = 'schema'

/** How a file names that description; from parts, so that this one does not. */
const SCHEMA_FILE = ['data', 'features.json'].join('/')

/**
 * Packages whose tests read the description of the columns without the input `schema` on their test target, so that a
 * cached result would outlive a change of it; and packages that have the input for nothing, and would be tested again
 * without a reason. Targets that are never cached need none.
 */
export function inputViolations(repository: Repository): string[] {
  return repository.packages.flatMap((one) => {
    const { test } = one.manifest.nx.targets
    if (test?.cache === false) return []
    const declared = test?.inputs?.includes(SCHEMA_INPUT) === true
    const reader = schemaReader(repository, one)
    const path = `${one.folder}/package.json`
    if (reader !== undefined && !declared) {
      return [
        `${path}: ${reader} reads ${SCHEMA_FILE}, which is no input of the tests. Write nx.targets.test.inputs: ["default", "^production", "${SCHEMA_INPUT}"].`,
      ]
    }
    if (reader === undefined && declared) {
      return [`${path}: no test reads ${SCHEMA_FILE}, the input ${SCHEMA_INPUT} of the tests. Remove it.`]
    }
    return []
  })
}

const schemaReader = (repository: Repository, one: WorkspacePackage): string | undefined =>
  filesOf(repository, one).find(
    (path) =>
      path.startsWith(`${one.folder}/test/`) && path.endsWith('.ts') && repository.read(path).includes(SCHEMA_FILE),
  )
