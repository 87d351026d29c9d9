import { replayJournals } from '@breakwater/tracking/node'
import type { ReplayResult } from '@breakwater/tracking/node'
import type { Context } from '../context.ts'
import { shown } from '../paths.ts'
import { replayOptions } from '../tracking/tracking.ts'
import { Command } from 'commander'
import { option } from '../options/option.ts'
import { examples } from '@breakwater/command-line'
import type { SharedFlags } from '../options/option.ts'
import { SHARED_OPTIONS } from '../options/table.ts'

type Flags = SharedFlags<'json'>

/** The command `track`. */
export function trackCommand(context: Context): Command {
  const replay = new Command('replay')
    .description('Send the runs kept on disk to the MLflow server, the oldest first.')
    .addOption(option(SHARED_OPTIONS.json))
    .addHelpText('after', examples('MLFLOW_TRACKING_URI=http://127.0.0.1:5000 trainer track replay'))
    .action((flags: Flags) => runReplay(context, flags))
  return new Command('track').description('Manage recorded runs.').addCommand(replay)
}

/** Runs `breakwater track replay`. Fails where a run is still not on the server whole. */
async function runReplay(context: Context, flags: Flags): Promise<void> {
  const options = replayOptions(context)
  if (options === undefined) {
    throw new Error(
      'trainer: MLFLOW_TRACKING_URI is not an http or https address, so there is no server to send runs to. Set it to the address of the server.',
    )
  }
  const replayed = await replayJournals(options)
  context.terminal.out(
    flags.json === true ? `${JSON.stringify({ runs: replayed }, null, 2)}\n` : replayText(context, replayed),
  )
  const left = replayed.filter(({ outcome }) => outcome === 'waiting' || outcome === 'refused')
  if (left.length > 0)
    throw new Error(`trainer: ${left.length} of ${replayed.length} runs are not completely on the server`)
}

function replayText({ cwd }: Context, replayed: readonly ReplayResult[]): string {
  if (replayed.length === 0) return 'no runs are kept on disk: there is nothing to send\nNext: breakwater runs\n'
  const sent = replayed.filter(({ outcome }) => outcome === 'sent').length
  const lines = replayed
    .map(({ folder, name, outcome, operations, problems }) => {
      const head = `${name === '' ? shown(cwd, folder) : name}: ${WORDS[outcome]} (${operations} sent now)`
      return [head, ...problems.map((problem) => `  ${problem}`)].join('\n')
    })
    .map((text) => `${text}\n`)
    .join('')
  return `${lines}${sent} of ${replayed.length} runs are on the server\nNext: breakwater ${sent === replayed.length ? 'runs' : 'track replay'}\n`
}

const WORDS: Readonly<Record<ReplayResult['outcome'], string>> = {
  sent: 'sent',
  refused: 'sent, except for values that the server refused',
  busy: 'skipped: a job is still writing it',
  waiting: 'not completely sent: kept for the next time',
}
