import { decodeResult, encodeResult, joined, type ResultStore } from '../results.ts'
import { type Bus, short } from './bus.ts'
import { askStarter, inTime } from './data.ts'
import type { Envelope } from './records.ts'

/** Brings a job's result to the object store. */
export const sendResult = (bus: Bus, id: string, content: Uint8Array, signal?: AbortSignal): Promise<unknown> =>
  bus.steady(() => bus.results.putBlob({ name: id }, encodeResult(id, content)), signal)

/** A job's result from the object store; null where it is not whole there. */
export async function resultOnBus({ results }: Bus, id: string): Promise<Uint8Array | null> {
  try {
    const object = await results.get(id)
    if (object === null) return null
    const pieces: Uint8Array[] = []
    for await (const piece of inTime(object.data)) pieces.push(piece)
    const content = decodeResult(id, joined(pieces))
    if (content !== null) return content
  } catch {
    // The server is away, or lost a part.
  }
  // What is not whole there would be found again for ever.
  await results.delete(id).catch(() => undefined)
  return null
}

/** Gives a worker what its jobs need: results of its own, else those on the bus, which the starter brings where it lost them. */
export function neededOnBus(
  bus: Bus,
  results: ResultStore,
  { run }: Pick<Envelope, 'run'>,
): (id: string) => Promise<Uint8Array> {
  return async (id) => {
    const found = (await results.read(id)) ?? (await resultOnBus(bus, id))
    if (found !== null) return found
    const answer = await askStarter(bus, run, id)
    const brought = await resultOnBus(bus, id)
    if (brought !== null) return brought
    throw new Error(
      `jobs: result ${short(id)}, which is data of this job, is not in the object store; asked for it: ${answer}. Run the starter's command again.`,
    )
  }
}
