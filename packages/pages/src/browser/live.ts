import type { Payload } from '../session/payload.ts'
import { byId, say } from './dom.ts'
import { headerSection, showFreshness } from './live/header.ts'
import { healthSection } from './live/health.ts'
import { ladderSection } from './live/ladder.ts'
import { FAN_LEGEND, outlookSection } from './live/outlook.ts'
import { pastTouch } from './live/past-touch.ts'
import { sessionChart } from './live/session-chart.ts'
import { sessionClient } from './live/session-client.ts'
import { type Actions, EMPTY_SESSION, type LiveState, type Section } from './live/state.ts'
import { targetSection } from './live/target-section.ts'
import { touchList } from './live/touch-list.ts'

const LOOK_EVERY_MS = 250

const state: { -readonly [Name in keyof LiveState]: LiveState[Name] } = {
  payload: null,
  arrived: 0,
  connected: false,
  chosenLevel: null,
  chosenTouch: null,
  session: EMPTY_SESSION,
}
const actions: Actions = {
  chooseLevel: (id) => answer({ chosenLevel: id }),
  chooseTouch: (id) => answer({ chosenTouch: id }),
  redraw: drawSoon,
}

/** The parts of the page. A new one is a module of its own, a place in live.html, and a line here. */
const sections: readonly Section[] = [
  headerSection(),
  sessionChart(actions),
  pastTouch(actions),
  ladderSection(actions),
  targetSection(),
  outlookSection(),
  touchList(actions),
  healthSection(drawSoon),
]

function draw(): void {
  for (const section of sections) section.show(state)
}

/** Draws what is newest, at most once a frame. */
let isDrawn = true
function drawSoon(): void {
  if (!isDrawn) return
  isDrawn = false
  requestAnimationFrame(() => {
    isDrawn = true
    draw()
  })
}

function change(part: Partial<LiveState>): void {
  Object.assign(state, part)
  drawSoon()
}

/** What a person asks for is drawn at once. */
function answer(part: Partial<LiveState>): void {
  Object.assign(state, part)
  draw()
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') answer(state.chosenTouch === null ? { chosenLevel: null } : { chosenTouch: null })
})

const client = sessionClient((session) => change({ session }))
const events = new EventSource('/events')
let isFresh = true
events.addEventListener('open', () => {
  // What happened while nobody listened is asked for again.
  isFresh = true
  state.connected = true
})
events.addEventListener('error', () => {
  state.connected = false
  showFreshness(state)
})
events.addEventListener('message', (event) => {
  // The server is the page's own: what it sends is a payload.
  const { levels, ...payload } = JSON.parse(String(event.data)) as Payload
  // A level that the scorer rejected may be anything.
  const known = levels.filter((level: Payload['levels'][number] | null) => typeof level?.price === 'number')
  change({ payload: { ...payload, levels: known }, arrived: performance.now() })
  client.follow(Number(event.lastEventId), isFresh)
  isFresh = false
})
say(byId('fan-legend'), FAN_LEGEND)
setInterval(() => showFreshness(state), LOOK_EVERY_MS)
showFreshness(state)
