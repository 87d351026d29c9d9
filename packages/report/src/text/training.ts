import type { SetFiles } from '@breakwater/models/node'

const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : value.toFixed(3)

const range = (dates: readonly string[]): string => (dates.length === 0 ? 'none' : `${dates[0]}..${dates.at(-1)}`)

/** What a training did, for a person: the plan, then one line per head with its test (or validation) figures by fold. */
export function trainText(sets: readonly SetFiles[]): string {
  return sets.map((set) => setText(set)).join('\n')
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
    lines.push(`  outer block ${range(details.plan.outer)}: trained, stopped and calibrated no fold`)
  }
  const width = Math.max(...details.heads.map(({ name }) => name.length))
  for (const { name, task, folds } of details.heads) {
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
      `  ${empty.length} columns have no values, such as ${empty
        .slice(0, 3)
        .map(([name]) => name)
        .join(', ')}`,
    )
  for (const [anchor, names] of Object.entries(details.quality.knownTooLate)) {
    lines.push(`  ${anchor} heads leave out ${names.length} columns that become known after their anchor`)
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
