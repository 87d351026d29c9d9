import type { ModelRecord } from './record.ts'

/**
 * The sessions to compare on: those of the test files, or the asked ones among them. Throws where one is absent, and where
 * PatchTST was trained or stopped on one or on a later session: its scores would flatter.
 */
export function testDates(
  record: Pick<ModelRecord, 'trainDates' | 'validationDates'>,
  inFiles: readonly string[],
  asked: readonly string[] | undefined,
): readonly string[] {
  const absent = (asked ?? []).filter((date) => !inFiles.includes(date))
  if (absent.length > 0) {
    throw new Error(
      `models: testDates ${absent.join(' ')}: no matching dates in the test files. Write their sequences with \`breakwater sequences\`.`,
    )
  }
  const dates = [...new Set(asked ?? inFiles)].toSorted()
  const seen = new Set([...record.trainDates, ...record.validationDates])
  const refused = dates.filter((date) => seen.has(date))
  if (refused.length > 0) {
    throw new Error(
      `models: test dates ${refused.join(' ')}: walk-forward violation: PatchTST was trained or stopped on these dates. ` +
        'Pass test files of later sessions.',
    )
  }
  const latest = [...seen].toSorted().at(-1) ?? ''
  const early = dates.filter((date) => date < latest)
  if (early.length > 0) {
    throw new Error(
      `models: test dates ${early.join(' ')}: walk-forward violation: these dates lie before ${latest}, which PatchTST saw. ` +
        'Pass test files of later sessions.',
    )
  }
  return dates
}
