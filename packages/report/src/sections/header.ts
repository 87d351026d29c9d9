import type { Evaluation, EvaluationSet } from '@breakwater/evaluation'
import { plural, shortDate, shortTime, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { dollars, setTitle } from '../html/names.ts'
import { verdictLines } from '../verdict/verdict-lines.ts'

/** What the page is: calibrations hold forecasts side by side. */
export const kindOf = ({ sets }: Evaluation): string =>
  sets.some(({ calibration }) => calibration !== null) ? 'calibration' : 'evaluation'

/** The id of a set's section. */
export const setId = (index: number): string => `set-${index + 1}`

/** The verdict, before any table. */
export function verdictSection(evaluation: Evaluation): Html {
  return html`<section aria-labelledby="verdict" class="summary">
    <h2 id="verdict">Verdict</h2>
    <dl class="terms">
      ${verdictLines(evaluation).map(
        ({ name, answer }) =>
          html`<div>
            <dt>${name.trim()}</dt>
            <dd>${answer}</dd>
          </div>`,
      )}
    </dl>
  </section>`
}

/** Title, what the page is about in one line, and what must be known before any figure. */
export function headerSection(evaluation: Evaluation): Html {
  const { data, sets, provenance, notes } = evaluation
  const optimistic = sets.some(({ source }) => source.startsWith('validation'))
  const warnings = optimistic
    ? [...notes, 'Some scores are on validation dates, which decided the number of trees, so they are optimistic.']
    : notes
  return html`<header>
    <p class="eyebrow">Breakwater ${kindOf(evaluation)}</p>
    <h1>${data.symbol} level touches, ${shortDate(data.firstDate, true)} to ${shortDate(data.lastDate, true)}</h1>
    <p class="lead">
      ${plural(data.rows, 'touch').replace(/touchs$/, 'touches')} in ${plural(data.sessions, 'session')}. Thresholds
      ${dollars(data.thresholds[0])} and ${dollars(data.thresholds[1])} from the level. Models:
      ${sets.map(setTitle).join('; ')}.
    </p>
    <dl class="facts">
      ${fact('Predictions', [...new Set(sets.map(({ source }) => source))].join('; '))}
      ${fact('Data', provenance.dataHash.slice(0, 12))}
      ${fact('Code', provenance.gitSha === null ? 'not in a checkout' : provenance.gitSha.slice(0, 10))}
      ${fact('Version', provenance.libraryVersion)} ${fact('Created', shortTime(provenance.timestamp))}
    </dl>
    ${warnings.map((text) => html`<p class="warning" role="note">${text}</p>`)}
    ${sets.length > 1 ? contents(sets) : null}
  </header>`
}

const fact = (name: string, value: string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`

function contents(sets: readonly EvaluationSet[]): Html {
  return html`<nav aria-label="Models">
    ${sets.map(
      (set, index) =>
        html`<a href="#${setId(index)}">${setTitle(set)} <small>${whole(set.heads.length)} heads</small></a>`,
    )}
  </nav>`
}
