import { examples } from '@breakwater/command-line'
import { Command } from 'commander'
import { dataFindings, modelFindings } from './files.ts'
import { findingsText } from './finding.ts'
import { configFinding, machineFindings } from './machine.ts'
import { serverFindings } from './servers.ts'

/** What the doctor takes from the process around it. */
export interface DoctorContext {
  readonly out: (text: string) => void
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

interface Flags {
  readonly modelDir: string
  readonly dataPath: string
  readonly nats: string
  readonly json?: boolean
}

/** The command `doctor`: checks machine, config, data, models and servers; exit code 1 where a check fails. */
export function doctorCommand(context: DoctorContext, commands: readonly Command[]): Command {
  return new Command('doctor')
    .description('Check the machine, the config file, data, models and servers, and say what to do.')
    .option('--data-path <path>', 'signals', 'data/ml/signals/signals.parquet')
    .option('--model-dir <folder>', 'folder of the trained sets', 'data/ml/boosted_trees')
    .option('--nats <url>', 'server that `serve` connects to', 'nats://127.0.0.1:4222')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', examples('breakwater doctor', 'breakwater doctor --model-dir data/ml/demo/models --json'))
    .action((flags: Flags) => examine(context, commands, flags))
}

async function examine(context: DoctorContext, commands: readonly Command[], flags: Flags): Promise<void> {
  const parts = await Promise.all([
    machineFindings(context.cwd),
    configFinding(context, commands),
    dataFindings(context.cwd, flags.dataPath),
    modelFindings(context.cwd, flags.modelDir),
    serverFindings({ nats: flags.nats, mlflow: context.env['MLFLOW_TRACKING_URI'] ?? '', signal: context.signal }),
  ])
  const findings = parts.flat()
  context.out(flags.json === true ? `${JSON.stringify(findings, null, 2)}\n` : findingsText(findings))
  if (findings.some(({ status }) => status === 'fail')) process.exitCode = 1
}
