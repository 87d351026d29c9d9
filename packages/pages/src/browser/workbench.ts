import { type Anchor, PRIMARY_ANCHOR } from '@breakwater/features/vocabulary'
import { type SessionData, WORKBENCH_VERSION, type WorkbenchIndex } from '../workbench/data.ts'
import { byId, optionOf, say } from './dom.ts'
import { curvesView } from './workbench/curves-view.ts'
import { driftView } from './workbench/drift-view.ts'
import { equityView } from './workbench/equity-view.ts'
import { scriptLoader } from './workbench/load.ts'
import { reasonsView } from './workbench/reasons-view.ts'
import { runsView } from './workbench/runs-view.ts'
import { sessionList } from './workbench/session-list.ts'
import { sessionView } from './workbench/session-view.ts'
import type { Colouring, WorkbenchActions, WorkbenchSection, WorkbenchState } from './workbench/state.ts'
import { touchView } from './workbench/touch-view.ts'

const loader = scriptLoader()
/** The version that this page reads. */
const VERSION: number = WORKBENCH_VERSION

/** Shows the workbench of an index. */
function start(index: WorkbenchIndex): void {
  const state: { -readonly [Name in keyof WorkbenchState]: WorkbenchState[Name] } = {
    index,
    date: null,
    session: null,
    touch: null,
    set: index.sets.at(-1)?.name ?? null,
    anchor: index.anchors.find((one) => one === PRIMARY_ANCHOR) ?? index.anchors[0] ?? PRIMARY_ANCHOR,
    colouring: 'outcome',
  }
  const draw = (): void => {
    for (const section of sections) section.show(state)
  }
  const actions: WorkbenchActions = {
    change(part) {
      Object.assign(state, part)
      history.replaceState(null, '', placeOf(state))
      draw()
      if (state.date !== state.session?.date) void open()
    },
  }
  /** Loads the chosen session; what was chosen meanwhile wins. */
  const open = async (): Promise<void> => {
    const wanted = state.date
    if (wanted === null) return
    try {
      const session = (await loader.load(wanted)) as SessionData
      if (state.date !== wanted) return
      state.session = session
      tell('')
    } catch (error) {
      if (state.date !== wanted) return
      state.session = null
      tell(`${(error as Error).message} Write the workbench again.`)
    }
    draw()
  }
  const sections: readonly WorkbenchSection[] = [
    controls(actions),
    sessionList(actions),
    sessionView(actions),
    touchView(actions),
    reasonsView(loader, actions),
    curvesView(loader),
    equityView(loader, actions),
    driftView(loader, actions),
    runsView(loader),
  ]
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') actions.change({ touch: null })
  })
  actions.change(chosenBy(location.hash, index))
}

/** Chooses the set, the anchor, and how touches are coloured. */
function controls({ change }: WorkbenchActions): WorkbenchSection {
  const [set, anchor, colouring] = ['set', 'anchor', 'colouring'].map((id) => byId(id) as HTMLSelectElement)
  set?.addEventListener('change', () => change({ set: set.value }))
  anchor?.addEventListener('change', () => change({ anchor: anchor.value as Anchor }))
  colouring?.addEventListener('change', () => change({ colouring: colouring.value as Colouring }))
  let filled = false
  return {
    show(state) {
      if (!filled) {
        set?.replaceChildren(...state.index.sets.map(({ name }) => optionOf(name, name)))
        anchor?.replaceChildren(...state.index.anchors.map((one) => optionOf(one, one)))
        filled = true
      }
      if (set !== undefined) set.value = state.set ?? ''
      if (anchor !== undefined) anchor.value = state.anchor
      if (colouring !== undefined) colouring.value = state.colouring
    },
  }
}

/** The session and touch of an address; without one, the newest session with forecasts. */
function chosenBy(hash: string, { sessions }: WorkbenchIndex): Pick<WorkbenchState, 'date' | 'touch'> {
  const { date, touch } = /^#(?<date>[\d-]+)(?:\/(?<touch>\d+))?$/.exec(hash)?.groups ?? {}
  if (sessions.some((session) => session.date === date))
    return { date: date ?? null, touch: touch === undefined ? null : Number(touch) }
  const newest = sessions.findLast(({ forecast }) => forecast > 0) ?? sessions.at(-1)
  return { date: newest?.date ?? null, touch: null }
}

const placeOf = ({ date, touch }: WorkbenchState): string => `#${date ?? ''}${touch === null ? '' : `/${touch}`}`

function tell(text: string): void {
  const problem = byId('problem')
  problem.hidden = text === ''
  say(problem, text)
}

async function begin(): Promise<void> {
  try {
    const index = (await loader.load('index')) as WorkbenchIndex
    const version: number = index.version
    if (version === VERSION) return start(index)
    tell(`The data are of version ${version}, and this page reads ${VERSION}. Write the workbench again.`)
  } catch (error) {
    tell(`${(error as Error).message} Write the workbench again.`)
  }
}

void begin()
