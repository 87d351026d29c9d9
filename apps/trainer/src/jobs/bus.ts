import type { BusAddress } from '@breakwater/jobs/jetstream'
import type { ExecutorRequest } from '@breakwater/models/jobs'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { absolute } from '../paths.ts'

/** How a command reaches the bus. */
export interface AddressFlags {
  readonly creds?: string
  readonly tlsCa?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
}

/** Flags of commands that may give their work to workers. */
export interface WorkersFlags extends AddressFlags {
  readonly workers?: readonly string[]
  readonly dataDir?: string
}

/** Adds the options by which a command reaches the bus. */
export function addAddressOptions(command: Command): Command {
  return command
    .option('--creds <file>', 'credentials file of NATS (default: $NATS_CREDS)')
    .option('--tls-ca <file>', 'certificate of the authority that vouches for the server (default: $NATS_CA)')
    .option('--tls-cert <file>', 'our certificate (default: $NATS_CERT)')
    .option('--tls-key <file>', 'its key (default: $NATS_KEY)')
}

/** Adds the options by which a command gives its work to workers. */
export function addWorkersOptions(command: Command): Command {
  return addAddressOptions(
    command
      .option('--workers <urls...>', 'give the work to the workers of this NATS server, such as nats://host:4222')
      .option('--data-dir <folder>', 'folder that the workers share with us; without it data goes through the server'),
  )
}

/** Where the bus is. */
export function addressOf({ cwd }: Context, servers: readonly string[] | undefined, flags: AddressFlags): BusAddress {
  const path = (file: string | undefined): string | undefined => (file === undefined ? undefined : absolute(cwd, file))
  return {
    servers,
    creds: path(flags.creds),
    ca: path(flags.tlsCa),
    cert: path(flags.tlsCert),
    key: path(flags.tlsKey),
  }
}

/** The bus of a command that may give its work to workers; undefined where it does not. */
export function busOf(context: Context, { workers, dataDir, ...flags }: WorkersFlags): ExecutorRequest['bus'] {
  if (workers === undefined) return undefined
  const sharedFolder = dataDir === undefined ? null : absolute(context.cwd, dataDir)
  return { address: addressOf(context, workers, flags), env: context.env, sharedFolder }
}
