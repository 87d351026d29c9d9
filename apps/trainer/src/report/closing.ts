import type { Evaluation, HeadScores } from './evaluation.ts'
import { percent, plural, whole } from './format.ts'
import { html, type Html } from './html.ts'

/** What the words on the page mean. */
export function readingSection({ sets }: Evaluation): Html {
  const head = sets
    .flatMap(({ heads }) => heads)
    .find((candidate): candidate is HeadScores => candidate.status === 'scored')
  const references = new Set(
    sets.flatMap(({ heads }) => heads).flatMap((each) => (each.status === 'scored' ? [each.reference] : [])),
  )
  return html`<section aria-labelledby="reading">
    <h2 id="reading">How to read this page</h2>
    <dl class="terms">
      ${term('Interval', head === undefined ? 'None: no head was scored.' : `${percent(head.intervals.level, 0)}, from ${whole(head.intervals.samples)} resamples of whole sessions: touches of one day are not independent. With few sessions it is too narrow.`)}
      ${term('AUC', 'The chance that a touch where it happened was forecast higher than one where it did not. 50% is a coin.')}
      ${term('Brier', 'Mean squared distance of forecast and outcome; less is better.')}
      ${term('Skill', `What is saved of the error of a constant forecast (${[...references].join('; ')}). 0% is no better; below 0% is worse.`)}
      ${term('ECE and MCE', 'Mean and largest gap between forecast and observed rate over ten bins of equal count. Even a perfect forecast shows some, more with fewer rows.')}
      ${term('Break and bounce', 'Break: the price moves beyond the level in the direction it came from; bounce: it turns back.')}
      ${term('Masked', 'Rows that a head could not be asked about, such as a threshold already passed; they are no negatives.')}
    </dl>
  </section>`
}

const term = (name: string, meaning: string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${meaning}</dd>
  </div>`

/** What is needed to make the evaluation again. */
export function provenanceSection({ provenance, data, format, version }: Evaluation): Html {
  return html`<section aria-labelledby="provenance">
    <h2 id="provenance">Provenance</h2>
    <dl class="terms mono">
      ${term('Sources', provenance.sources.join(', '))}
      ${term('Rows', `${whole(data.rows)} in ${plural(data.sessions, 'session')}, ${data.firstDate} to ${data.lastDate}`)}
      ${term('Data hash', provenance.dataHash)} ${term('Git commit', provenance.gitSha ?? 'not in a checkout')}
      ${term('Library version', provenance.libraryVersion)} ${term('Schema version', provenance.schemaVersion)}
      ${term('Seed', String(provenance.seed))} ${term('Timestamp', provenance.timestamp)}
      ${term('Format', `${format}, version ${version}`)}
    </dl>
  </section>`
}
