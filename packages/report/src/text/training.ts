import { PRIMARY_ANCHOR } from '@breakwater/features'
import type { SetFiles } from '@breakwater/models/node'
import { choiceBriefly } from '../verdict/verdict-lines.ts'

const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : value.toFixed(3)

const range = (dates: readonly string[]): string => (dates.length === 0 ? 'none' : `${dates[0]}..${dates.at(-1)}`)

/**
 * What a training did, for a person: what each set serves and what to run next; then of each its plan and one line per head, those of the
 * primary anchor first, with test (or validation) figures by fold.
 */
export function trainText(sets: readonly SetFiles[]): string {
  const verdict = [
    ...sets.map(({ details }) => `Trained: ${nameOf(details)}, ${sizeOf(details)}`),
    ...sets.map(({ details }) => `Served: ${servedBy(details)}${sets.length === 1 ? '' : ` (${nameOf(details)})`}`),
    'Next: breakwater evaluate shows whether there is skill beyond the law, and in which heads',
  ]
  return [`${verdict.join('\n')}\n`, ...sets.map((set) => setText(set))].join('\n')
}

const nameOf = ({ stage, ablation }: SetFiles['details']): string => `${stage} ${ablation}`

const sizeOf = ({ heads, plan, data }: SetFiles['details']): string =>
  `${heads.length} heads x ${plan.folds.length} ${plan.folds.length === 1 ? 'fold' : 'folds'}, ${data.rows} rows, ${data.dates.length} sessions`

function servedBy({ serving, final }: SetFiles['details']): string {
  const choice = serving.at(-1)
  return choiceBriefly(choice, final !== undefined) ?? choice?.reason ?? 'independent heads'
}

function primaryFirst(heads: SetFiles['details']['heads']): SetFiles['details']['heads'] {
  const isPrimary = ({ anchor }: (typeof heads)[number]): boolean => anchor === PRIMARY_ANCHOR
  return [...heads.filter((head) => isPrimary(head)), ...heads.filter((head) => !isPrimary(head))]
}

function setText({ metadata, details }: SetFiles): string {
  const { role } = details.predictions
  const lines = [
    `${details.stage} ${details.ablation}: ${details.data.rows} rows, ${details.data.dates.length} sessions`,
  ]
  for (const { index, train, validation, test, counts } of details.plan.folds) {
    const purged = counts.purged > 0 ? `, ${counts.purged} rows purged` : ''
    lines.push(
      `  fold ${index + 1}: train ${range(train)}, validation ${range(validation)}, test ${range(test)}${purged}`,
    )
  }
  if (details.plan.outer.length > 0) {
    lines.push(`  outer block ${range(details.plan.outer)}: not used to train, stop or calibrate any fold`)
  }
  const width = Math.max(...details.heads.map(({ name }) => name.length))
  for (const { name, task, folds } of primaryFirst(details.heads)) {
    const skipped = folds.every(({ status }) => status === 'skipped')
    const key = task === 'binary' ? 'auc' : 'mae'
    const label = task === 'binary' ? 'AUC' : 'MAE $'
    const cells = folds.map((fold) => (fold.status === 'skipped' ? 'skipped' : figure(fold.metrics[role][key])))
    const trees = folds.map((fold) => fold.trees).join(', ')
    const why = skipped
      ? `skipped: ${folds[0]?.reason ?? ''}`
      : `${role} ${label} by fold ${cells.join(', ')}; trees ${trees}`
    lines.push(`  ${name.padEnd(width)}  ${why}`)
  }
  lines.push(...finalLines(details), ...mixLines(details))
  const empty = Object.entries(details.quality.missing).filter(([, rows]) => rows === details.data.rows)
  if (empty.length > 0)
    lines.push(
      `  ${empty.length} ${empty.length === 1 ? 'column has' : 'columns have'} no values, such as ${empty
        .slice(0, 3)
        .map(([name]) => name)
        .join(', ')}`,
    )
  for (const [anchor, names] of Object.entries(details.quality.knownTooLate)) {
    lines.push(
      `  ${anchor} heads leave out ${names.length} ${names.length === 1 ? 'column that becomes' : 'columns that become'} known after their anchor`,
    )
  }
  lines.push(`  written: ${metadata}`)
  return `${lines.join('\n')}\n`
}

/** What is served where it is no fold's, and that no figure is its own. */
function finalLines({ final }: SetFiles['details']): string[] {
  if (final === undefined) return []
  const trees = final.heads.map(({ trees: count }) => count)
  const most = trees.length === 0 ? 'no head' : `${Math.min(...trees)} to ${Math.max(...trees)} trees a head`
  return [
    `  final fit: ${final.rows} rows, all ${final.dates.length} sessions ${range(final.dates)}; ${most}. This fit is served`,
    '  the figures above are those of the folds: the final fit has seen every session, so it has none of its own',
  ]
}

/** How neighbours and gate enter what is served, with the terms of the last fold. */
function mixLines({ mix, plan }: SetFiles['details']): string[] {
  if (mix === undefined) return []
  const last = mix.fits.filter(({ fold }) => fold === plan.folds.length - 1)
  return [
    `  neighbours and gate in direction: ${mix.kind}`,
    ...last.map(({ anchor, reasons }) => `    ${anchor}: ${reasons.neighbours}; ${reasons.gate}`),
  ]
}
