import type { Evaluation, EvaluationSet } from '@breakwater/evaluation'
import { provenanceSection, readingSection } from './sections/closing.ts'
import { comparisonSection } from './sections/comparison.ts'
import { decisionsSection } from './sections/decisions.ts'
import { foldsSection } from './sections/folds.ts'
import { glanceSection } from './sections/glance.ts'
import { headerSection, kindOf, setId, verdictSection } from './sections/header.ts'
import { documentOf } from './html/document.ts'
import { html, type Html } from './html/html.ts'
import { importanceSection } from './sections/importance.ts'
import { setTitle, type Thresholds } from './html/names.ts'
import { placesSection } from './sections/places.ts'
import { qualitySection } from './sections/quality.ts'
import { reliabilitySection } from './sections/reliability.ts'
import { scoresSection } from './sections/scores.ts'
import { servedSection } from './sections/served.ts'
import { sideBySideSection } from './sections/side-by-side.ts'
import { timelineSection } from './sections/timeline.ts'
import { finalText, mixText, touchText } from './verdict/verdict-lines.ts'

/** The page of an evaluation, as `renderReport` describes it. This module loads the charting library. */
export function pageOf(evaluation: Evaluation): string {
  const { data, sets } = evaluation
  const title = `Breakwater ${kindOf(evaluation)}: ${data.symbol}, ${data.firstDate} to ${data.lastDate}`
  return documentOf(
    title,
    html`${headerSection(evaluation)} ${verdictSection(evaluation)} ${comparisonSection(sets)}
    ${servedSection(evaluation.served)} ${sets.map((set, index) => setSection(set, setId(index), data.thresholds))}
    ${readingSection(evaluation)} ${provenanceSection(evaluation)}`,
  )
}

function setSection(set: EvaluationSet, id: string, thresholds: Thresholds): Html {
  const mix = mixText(set)
  const touch = touchText(set)
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${setTitle(set)}</h2>
    <p class="note">Predictions: ${set.source}. ${set.dataQuality.columns} columns of input.</p>
    ${set.final === null ? null : html`<p class="note">${sentence(finalText(set.final))}.</p>`}
    ${mix === null ? null : html`<p class="note">${sentence(mix)}.</p>`}
    ${touch === null ? null : html`<p class="note">${sentence(touch)}.</p>`} ${glanceSection(set, thresholds)}
    ${scoresSection(set, thresholds)} ${reliabilitySection(set, id, thresholds)} ${placesSection(set, id, thresholds)}
    ${decisionsSection(set, id, thresholds)} ${sideBySideSection(set, id, thresholds)} ${timelineSection(set, id)}
    ${foldsSection(set, id, thresholds)} ${importanceSection(set, id, thresholds)} ${qualitySection(set, thresholds)}
  </section>`
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
