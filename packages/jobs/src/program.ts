import type { Job, Json } from './job.ts'
import type { Content } from './results.ts'

/** What a body may use beside its job. */
export interface JobContext<Data> {
  /** The data that the job names, opened by the program. */
  readonly data: Data
  /** The results that the job needs, in the order in which it names them. */
  readonly needed: readonly Uint8Array[]
  readonly signal: AbortSignal
  /** Threads that the body may use; undefined for one a processor. The result does not depend on it. */
  readonly threads: number | undefined
  /** Says how far the job is, as a share in [0, 1]. A job that says nothing for long counts as hung. */
  readonly onProgress: (share: number, detail: string) => void
}

/** Does a job: the same job and data give the same bytes anywhere. */
export type Body<Data> = (job: Job, context: JobContext<Data>) => Promise<Content>

/** Files of data on this machine, and how the program reads them. */
export interface DataFiles {
  /** Content hash of the data, as jobs name it. */
  readonly hash: string
  readonly files: readonly DataFile[]
  /** Whatever the program needs to know to read them. */
  readonly reading: Json
}

/** One file of data. */
export interface DataFile {
  /** What the program calls it. */
  readonly name: string
  /** Absolute. */
  readonly path: string
}

/** What computes jobs. A module that threads and workers load exports one under the name `program`. */
export interface Program<Data> {
  readonly version: string
  readonly bodies: Readonly<Record<string, Body<Data>>>
  /** Opens data from files. The caller has checked the files' hashes; the program checks the content hash. */
  readonly open: (data: DataFiles) => Promise<Data>
}

/** A job of another program or platform: its result might differ, so it is not computed here. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}

/** Why a program must not compute jobs of another version; null where it may. */
export function refusalOf(wanted: string, own: string): string | null {
  if (wanted === own) return null
  const [[version, ...platform], [ownVersion, ...ownPlatform]] = [wanted, own].map((each) => each.split(' ')) as [
    string[],
    string[],
  ]
  const differ =
    version === ownVersion
      ? `platform ${platform.join(' ')}, not ${ownPlatform.join(' ')}`
      : `version ${version}, not ${ownVersion}`
  return `the work is of ${differ}: results could differ in their last bits. Start a worker of that ${version === ownVersion ? 'platform' : 'version'}.`
}

/** Does one job in this process. Throws {@link RefusedError} for one of another program, and whatever its body throws. */
export async function run<Data>(program: Program<Data>, job: Job, context: JobContext<Data>): Promise<Content> {
  const refusal = refusalOf(job.program, program.version)
  if (refusal !== null) throw new RefusedError(`jobs: ${refusal}`)
  const body = Object.hasOwn(program.bodies, job.kind) ? program.bodies[job.kind] : undefined
  if (body === undefined) {
    const kinds = Object.keys(program.bodies).join(', ')
    throw new RefusedError(
      `jobs: kind=${job.kind}: this program does ${kinds} only. Start a worker of the version that asks.`,
    )
  }
  context.signal.throwIfAborted()
  return await body(job, context)
}

/** The message of an error with those of its causes, on one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `; because: ${reasonOf(error.cause)}`
  return `${error.message}${cause}`.replaceAll(/\s*\n\s*/g, ' ')
}
