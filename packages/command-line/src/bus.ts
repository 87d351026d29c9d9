import { resolve } from 'node:path'
import type { Command } from 'commander'

/** How a command reaches a NATS server. */
export interface BusFlags {
  readonly creds?: string
  readonly tlsCa?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
}

/** Flags of commands that may give their work to workers. */
export interface WorkersFlags extends BusFlags {
  readonly workers?: readonly string[]
  readonly dataDir?: string
}

/** Adds the options by which a command reaches a NATS server. */
export function addBusOptions(command: Command): Command {
  return command
    .option('--creds <file>', 'credentials file of NATS (default: $NATS_CREDS)')
    .option('--tls-ca <file>', 'CA certificate to check the server against (default: $NATS_CA)')
    .option('--tls-cert <file>', 'client certificate (default: $NATS_CERT)')
    .option('--tls-key <file>', 'key of the client certificate (default: $NATS_KEY)')
}

/** Adds the options by which a command gives its work to workers. */
export function addWorkersOptions(command: Command): Command {
  return addBusOptions(
    command
      .option('--workers <urls...>', 'give the work to the workers of this NATS server, such as nats://host:4222')
      .option(
        '--data-dir <folder>',
        'folder that workers and this command share; without it data goes through the server',
      ),
  )
}

/** Where a bus is and who we are there; what is undefined comes from the environment. */
export interface BusPlace {
  readonly servers: readonly string[] | undefined
  /** Paths, absolute. */
  readonly creds: string | undefined
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** The place that flags name; paths start from `cwd`. */
export function busPlace(cwd: string, servers: readonly string[] | undefined, flags: BusFlags): BusPlace {
  const path = (file: string | undefined): string | undefined => (file === undefined ? undefined : resolve(cwd, file))
  return {
    servers,
    creds: path(flags.creds),
    ca: path(flags.tlsCa),
    cert: path(flags.tlsCert),
    key: path(flags.tlsKey),
  }
}

/** The flags with which another command reaches the same bus; '' where none was given. Paths stay as they were written. */
export function sameBus(servers: readonly string[] | undefined, flags: BusFlags): string {
  const given = [
    ['--nats', servers?.join(' ')],
    ['--creds', flags.creds],
    ['--tls-ca', flags.tlsCa],
    ['--tls-cert', flags.tlsCert],
    ['--tls-key', flags.tlsKey],
  ]
  return given.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${value}`])).join(' ')
}
