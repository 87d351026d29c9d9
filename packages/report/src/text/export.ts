import { wrapped } from './cells.ts'
import { DEFAULT_WIDTH } from './evaluation.ts'

/** What was exported of a set. */
export interface ExportSummary {
  readonly stage: string
  readonly ablation: string
  readonly anchors: readonly string[]
  readonly heads: readonly string[]
  /** As a person would write them. */
  readonly files: readonly string[]
  /** What the graphs give, in a sentence; null where none was written. */
  readonly gives: string | null
  /** What of the set's forecasts no file holds, a sentence each. */
  readonly notExported: readonly string[]
}

/** An export as text: its files, what they give, what they lack of what is served, and how to check them. No line is longer than the width. */
export function exportText(
  { stage, ablation, anchors, heads, files, gives, notExported }: ExportSummary,
  width: number = DEFAULT_WIDTH,
): string {
  const script = files.find((file) => file.endsWith('check.py'))
  const places = files.length > 1 ? `${files.length} files: ${files[0]} .. ${files.at(-1)}` : (files[0] ?? 'no files')
  const lines = [
    `${stage} ${ablation}: ${heads.length} heads at ${anchors.join(', ')} in ${places}`,
    ...(gives === null ? [] : [gives]),
    ...notExported,
    ...(script === undefined ? [] : [`Next: python ${script} checks them against our numbers`]),
  ]
  return `${lines.flatMap((line) => wrapped(line, width)).join('\n')}\n`
}
