import type { FeatureHistory, WorkbenchDrift, WorkbenchDrifts } from '../../workbench/data.ts'
import { heatMap } from '../charts/heat-map.ts'
import { byId, element, headings, row, say } from '../dom.ts'
import { percent } from '../format.ts'
import { lazySection } from './lazy-section.ts'
import type { Loader } from './load.ts'
import type { WorkbenchActions, WorkbenchSection } from './state.ts'

/** What the map shows of a feature, session by session. */
type Measure = 'stability' | 'missing' | 'unseen'

/** Index from which on a cell has the full colour: the scale is logarithmic. */
const FULL = 5

/** Drift and data quality: a heat map of features by session, with a cell in words, and the features as a table. */
export function driftView(loader: Loader, { change }: WorkbenchActions): WorkbenchSection {
  const measure = byId('drift-measure') as HTMLSelectElement
  let shown: { readonly drift: WorkbenchDrift; readonly features: readonly FeatureHistory[] } | null = null
  let map: ReturnType<typeof heatMap> | null = null
  let drawn = ''
  const section = lazySection<WorkbenchDrifts>(loader, {
    id: 'drift',
    draw(data, { set, date }) {
      const drift = data.sets[set ?? '']
      const key = `${set} ${measure.value} ${date}`
      if (key === drawn) return
      drawn = key
      byId('drift-shown').hidden = drift === undefined
      if (drift === undefined)
        return say(
          byId('drift-text'),
          'This set does not record how its features were distributed in training. Train it again.',
        )
      const what = measure.value as Measure
      const features = drift.features.toSorted((a, b) => standOut(what, b) - standOut(what, a))
      shown = { drift, features }
      say(byId('drift-text'), described(drift))
      map ??= heatMap(byId('drift-map') as HTMLCanvasElement, {
        onCell: ({ row: f, column }) => say(byId('drift-cell'), shown === null ? '' : cellText(shown, f, column)),
        onChoose: ({ column }) => change({ date: shown?.drift.dates[column] ?? null, touch: null }),
      })
      map.set({
        rows: features.map(({ name }) => name),
        columns: drift.dates.length,
        strength: (f, s) => strengthOf(what, features[f]?.[what][s]),
        marked: drift.trained,
        chosen: drift.dates.indexOf(date ?? ''),
      })
      const point = (f: number): void => map?.point({ row: f, column: Math.max(0, drift.dates.indexOf(date ?? '')) })
      byId('drift-features').replaceChildren(
        headings(['feature', 'in training', 'after', 'difference', 'missing in training']),
        ...features.map((feature, f) => featureRow(feature, () => point(f))),
      )
    },
  })
  measure.addEventListener('change', section.again)
  return section
}

/** How much farther sessions after training stand from training than its own do. */
const movedBy = ({ meanInTraining, meanAfter }: FeatureHistory): number =>
  meanInTraining === null || meanAfter === null ? -Infinity : meanAfter - meanInTraining

/** How far a feature stands from training, for the order of the map: what is missing throughout has not changed. */
function standOut(measure: Measure, feature: FeatureHistory): number {
  if (measure === 'stability') return movedBy(feature)
  const before = measure === 'missing' ? feature.missingInTraining : 0
  return feature[measure].reduce((sum, share) => sum + Math.abs(share - before), 0)
}

/** How strongly a cell is coloured, in [0, 1]; null without a value. */
function strengthOf(measure: Measure, value: number | null | undefined): number | null {
  if (value === null) return null
  if (value === undefined) return 0
  return measure === 'stability' ? Math.min(1, Math.log1p(Math.max(0, value)) / Math.log1p(FULL)) : Math.sqrt(value)
}

function described({ dates, rows, trained, features }: WorkbenchDrift): string {
  const count = trained.filter(Boolean).length
  const touches = rows.reduce((sum, one) => sum + one, 0)
  return `${features.length} features of ${touches} touches in ${dates.length} sessions, ${count} of which trained the served models. The stability index compares the touches of one session with all of training: 0 if they have the same distribution. A session is only one day of the market, so even training sessions differ much from training as a whole, above all in features that change slowly. Compare later sessions with them, not with 0.`
}

function cellText(
  { drift, features }: { readonly drift: WorkbenchDrift; readonly features: readonly FeatureHistory[] },
  f: number,
  s: number,
): string {
  const feature = features[f]
  if (feature === undefined) return ''
  const index = feature.stability[s]
  return `${feature.name}, ${drift.dates[s] ?? ''}${drift.trained[s] === true ? ' (training)' : ''}: stability index ${typeof index === 'number' ? index.toFixed(2) : 'none'}, ${percent(feature.missing[s] ?? 0)} missing (training ${percent(feature.missingInTraining)}), ${percent(feature.unseen[s] ?? 0)} new words, ${drift.rows[s] ?? 0} touches. Enter shows the session.`
}

const indexText = (value: number | null): string => (value === null ? '–' : value.toFixed(2))

function featureRow(feature: FeatureHistory, point: () => void): HTMLElement {
  const button = element('button', { class: 'link', text: feature.name, attributes: { type: 'button' } })
  button.addEventListener('click', point)
  const more = movedBy(feature)
  return row([
    button,
    indexText(feature.meanInTraining),
    indexText(feature.meanAfter),
    indexText(Number.isFinite(more) ? more : null),
    percent(feature.missingInTraining),
  ])
}
