import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest, by the processor time of the programs it starts, from the shortest to the longest. */
const LONG = ['calibrate', 'kills', 'recipes']

const lengthOf = ({ moduleId }: TestSpecification): number =>
  LONG.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))

/** Begins with the longest, so that no core is idle while one of them ends; the others go by size, as is usual. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- A sequencer has a method of that name; it is no array.
    const bySize = await super.sort(files)
    return bySize.toSorted((a, b) => lengthOf(b) - lengthOf(a))
  }
}

export default defineConfig({
  ssr: { resolve: { conditions: ['@breakwater/source', 'module', 'node'] } },
  test: {
    include: ['test/**/*.test.ts'],
    sequence: { sequencer: LongestFirst },
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
  },
})
