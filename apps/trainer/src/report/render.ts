import { provenanceSection, readingSection } from './closing.ts'
import { comparisonSection } from './comparison.ts'
import type { Evaluation, EvaluationSet } from './evaluation.ts'
import { foldsSection } from './folds.ts'
import { glanceSection } from './glance.ts'
import { headerSection, setId } from './header.ts'
import { html, type Html, trusted } from './html.ts'
import { importanceSection } from './importance.ts'
import { setTitle, type Thresholds } from './names.ts'
import { qualitySection } from './quality.ts'
import { reliabilitySection } from './reliability.ts'
import { scoresSection } from './scores.ts'
import { sideBySideSection } from './side-by-side.ts'
import { STYLE } from './style.ts'
import { timelineSection } from './timeline.ts'

/**
 * One HTML page that shows an evaluation: self-contained, without script or network, for wide and narrow windows,
 * light, dark and print. The same evaluation gives the same bytes. Everything read from data is escaped.
 */
export function renderReport(evaluation: Evaluation): string {
  const { data, sets } = evaluation
  const title = `Breakwater evaluation: ${data.symbol}, ${data.firstDate} to ${data.lastDate}`
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${title}</title>
        <style>
          ${trusted(STYLE)}
        </style>
      </head>
      <body>
        <main>
          ${headerSection(evaluation)} ${comparisonSection(sets)}
          ${sets.map((set, index) => setSection(set, setId(index), data.thresholds))} ${readingSection(evaluation)}
          ${provenanceSection(evaluation)}
        </main>
      </body>
    </html> `
  return page.markup
}

function setSection(set: EvaluationSet, id: string, thresholds: Thresholds): Html {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${setTitle(set)}</h2>
    <p class="note">Predictions: ${set.source}. ${set.dataQuality.columns} columns of input.</p>
    ${glanceSection(set, thresholds)} ${scoresSection(set, thresholds)} ${reliabilitySection(set, id, thresholds)}
    ${sideBySideSection(set, id, thresholds)} ${timelineSection(set, id)} ${foldsSection(set, id, thresholds)}
    ${importanceSection(set, id, thresholds)} ${qualitySection(set, thresholds)}
  </section>`
}
