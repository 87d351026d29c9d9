import type { Evaluation, EvaluationSet, HeadScores } from '@breakwater/evaluation'
import { percent, plural, shortTime, whole } from '../html/format.ts'
import { html, type Html } from '../html/html.ts'
import { setTitle } from '../html/names.ts'
import { rowHeading, table, textCell } from '../html/table.ts'

/** What the words on the page mean. */
export function readingSection({ sets }: Evaluation): Html {
  const head = sets
    .flatMap(({ heads }) => heads)
    .find((candidate): candidate is HeadScores => candidate.status === 'scored')
  const references = new Set(
    sets.flatMap(({ heads }) => heads).flatMap((each) => (each.status === 'scored' ? [each.reference] : [])),
  )
  const calibrated = sets.some(({ calibration }) => calibration !== null)
  return html`<section aria-labelledby="reading">
    <h2 id="reading">How to read this page</h2>
    <dl class="terms">
      ${term('Interval', head === undefined ? 'None: no head was scored.' : `${percent(head.intervals.level, 0)}, from ${whole(head.intervals.samples)} resamples of whole sessions, because touches of one day are not independent. With few sessions it is too narrow.`)}
      ${term('AUC', 'The probability that a random positive was forecast higher than a random negative. 50% is chance.')}
      ${term('Brier', 'Mean squared difference between forecast and outcome; lower is better.')}
      ${term('Skill', `Reduction of the error relative to a constant forecast (${[...references].join('; ')}). 0% is no better than the constant; below 0% is worse.`)}
      ${term('Law', 'The law of first passage: what follows from where price stands, its volatility and the time left, without the tilt that features give its drift. What a forecast saves beyond the law is the law’s log loss (for strength, its absolute error) minus that of the forecast, paired by row.')}
      ${term('ECE and MCE', 'Mean and largest gap between forecast and observed rate over ten bins of equal count. Even perfectly calibrated forecasts show a gap, larger with fewer rows.')}
      ${calibrated ? calibrationTerms() : null}
      ${term('Break and bounce', 'Break: price goes through the level and on in the same direction. Bounce: price turns back.')}
      ${term('Masked', 'Rows without a valid target for a head, such as a threshold already passed. They are left out, not counted as negatives.')}
    </dl>
  </section>`
}

/** Words of the side-by-side tables. */
function calibrationTerms(): Html {
  return html`${term('Smooth ECE', 'A calibration error without bins: the kernel that measures the gap is as wide as the gap (Blasiok and Nakkiran 2024).')}
  ${term('Debiased ECE', 'ECE minus its expected value for calibrated forecasts; about 0 for a calibrated forecast, and possibly below.')}
  ${term('Spiegelhalter p', 'Probability of a gap between forecasts and outcomes at least this large if the forecasts were calibrated, with sums by session.')}
  ${term('Log loss', 'Mean negative log likelihood in nats. Neighbours may forecast exactly 0 or 1. Such a forecast counts as 1e-15 away from that, and can cost up to 34.5 for one touch.')}
  ${term('Nominal, coverage', 'The level of the intervals of strength, and how often they contained the outcome. Adaptive intervals widen after misses and narrow after hits.')}
  ${term('Incidence', 'How often a threshold was reached in time. Touches with a censored window count for as long as they were observed.')}`
}

const term = (name: string, meaning: string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${meaning}</dd>
  </div>`

/** What is needed to make the evaluation again. */
export function provenanceSection({ provenance, data, format, version, sets }: Evaluation): Html {
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
    ${sets.map((set) => modelFiles(set))}
  </section>`
}

/** Which models the figures of a set are of. */
function modelFiles(set: EvaluationSet): Html {
  const { trained, gitSha, libraryVersion, seed, dataHash, files } = set.provenance
  const rows = files.map(({ file, sha256 }) => [
    rowHeading(html`<code>${file}</code>`),
    textCell(html`<code>${sha256}</code>`),
  ])
  return html`<h3>${setTitle(set)}</h3>
    <dl class="terms mono">
      ${term('Trained', shortTime(trained))} ${term('Git commit', gitSha ?? 'not in a checkout')}
      ${term('Library version', libraryVersion)} ${term('Seed', String(seed))} ${term('Data hash', dataHash)}
    </dl>
    <details class="values">
      <summary>${plural(files.length, 'file')} with SHA-256</summary>
      ${table(`Files of ${setTitle(set)}`, [{ name: 'File' }, { name: 'SHA-256' }], rows)}
    </details>`
}
