import { busState, busText, cancelRun, retryRun, withBus } from '@breakwater/jobs/jetstream'
import { addBusOptions, type BusFlags, busPlace, examples, sameBus } from '@breakwater/command-line'
import { Argument, type Command } from 'commander'
import type { Context } from '../context.ts'
import { command, type SharedFlags } from '../options/option.ts'

type Flags = SharedFlags<never> & BusFlags & { readonly nats?: readonly string[] }
type Action = 'list' | 'retry' | 'cancel'

/** The command `jobs`. */
export function jobsCommand(context: Context): Command {
  const jobs = command('jobs', 'Show runs, workers and failures on a bus, retry failures, or cancel a run.')
    .addArgument(new Argument('[action]', 'what to do').choices(['list', 'retry', 'cancel']).default('list'))
    .argument('[run]', 'the run to retry or cancel: the first digits of its id')
    .option('--nats <urls...>', 'NATS servers with JetStream (default: $NATS_URL, or nats://127.0.0.1:4222)')
  return addBusOptions(jobs)
    .addHelpText('after', examples('trainer jobs', 'trainer jobs retry 3fa9', 'trainer jobs cancel 3fa9'))
    .action((action: Action, run: string | undefined, flags: Flags) => runJobs(context, action, run, flags))
}

/** Runs `breakwater jobs`. */
async function runJobs(context: Context, action: Action, run: string | undefined, flags: Flags): Promise<void> {
  const { cwd, env, clock, terminal } = context
  const again = sameBus(flags.nats, flags)
  await withBus(busPlace(cwd, flags.nats, flags), env, async (bus) => {
    if (action === 'list') {
      const state = await busState(bus)
      terminal.out(flags.json === true ? `${JSON.stringify(state, null, 2)}\n` : busText(state, clock(), again))
      return
    }
    if (run === undefined) throw new Error(`trainer: jobs ${action}: name the run. \`breakwater jobs\` lists them.`)
    const count = action === 'retry' ? await retryRun(bus, run) : await cancelRun(bus, run)
    const what = action === 'retry' ? 'failed jobs queued again' : 'queued jobs removed; those at work are stopped'
    terminal.out(
      flags.json === true
        ? `${JSON.stringify({ action, run, count })}\n`
        : `${count} ${what}\n${`Next: breakwater jobs ${again}`.trimEnd()}\n`,
    )
  })
}
