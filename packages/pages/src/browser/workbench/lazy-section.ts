import { byId, say } from '../dom.ts'
import type { Loader } from './load.ts'
import type { WorkbenchSection, WorkbenchState } from './state.ts'

/** What a {@link lazySection} is made of. */
export interface LazySectionOptions<T> {
  /** Id of its `details` element; `<id>-text` says what went wrong. */
  readonly id: string
  /** Shows the data; called whenever the state changes while the section is open, so it leaves alone what has not changed. */
  readonly draw: (data: T, state: WorkbenchState) => void
}

/** A part of the page that reads a data file of its own, named as its element, when a person opens it. */
export interface LazySection extends WorkbenchSection {
  /** Draws again, as after a choice within the section. */
  readonly again: () => void
}

/** A {@link LazySection} of an element. */
export function lazySection<T>(loader: Loader, { id, draw }: LazySectionOptions<T>): LazySection {
  const details = byId(id) as HTMLDetailsElement
  let [data, latest]: [T | null, WorkbenchState | null] = [null, null]
  const again = (): void => {
    if (details.open && data !== null && latest !== null) draw(data, latest)
  }
  const open = async (): Promise<void> => {
    if (!details.open) return
    try {
      data ??= (await loader.load(id)) as T
      again()
    } catch (error) {
      say(byId(`${id}-text`), `${(error as Error).message} Write the workbench again.`)
    }
  }
  details.addEventListener('toggle', () => void open())
  return {
    again,
    show(state) {
      latest = state
      again()
    },
  }
}
