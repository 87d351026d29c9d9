import { showDetail, showNoDetail } from './detail.js'
import { byId, say } from './dom.js'
import { dollars, newYork } from './format.js'
import { createLadder } from './ladder.js'

/** @typedef {import('../../src/index.ts').IncomingSnapshot} Snapshot */
/** @typedef {import('../../src/index.ts').ViewportPayload} Viewport */
/** @typedef {Snapshot & { readonly viewport?: Viewport }} Payload */

const STALE_MS = 2000
const LOOK_EVERY_MS = 250
const HASH_SHOWN = 8

/** @type {{ payload: Payload | null, arrived: number, connected: boolean, chosen: string | null }} */
const state = { payload: null, arrived: 0, connected: false, chosen: null }
const ladder = createLadder((id) => {
  state.chosen = id
  show()
})

/** Draws the newest payload, at most once a frame. */
let drawn = true
function drawSoon() {
  if (!drawn) return
  drawn = false
  requestAnimationFrame(() => {
    drawn = true
    show()
  })
}

function show() {
  const { payload } = state
  if (payload === null) return
  const viewport = payload.viewport
  const targets = viewport?.targets ?? []
  // Follow the best target until a person chooses one, and again when theirs has gone.
  const shown = targets.find(({ level_id: id }) => id === state.chosen) ?? targets[0]
  say(byId('spot'), dollars(payload.spy.spot))
  const { bid, ask } = payload.spy
  say(byId('quote'), typeof bid === 'number' && typeof ask === 'number' ? `${dollars(bid)} / ${dollars(ask)}` : '')
  say(byId('time'), newYork(payload.ts))
  showProblem(viewport)
  ladder.show(payload.spy.spot, targets, payload.levels, shown?.level_id ?? null)
  if (shown === undefined) showNoDetail()
  else showDetail(shown)
}

/** @param {string | null} hash */
const nameOf = (hash) => (hash === null ? 'none' : hash.slice(0, HASH_SHOWN))

/** @param {Viewport | undefined} viewport */
function showProblem(viewport) {
  const problem = byId('problem')
  const text = viewport === undefined ? 'Scoring is off.' : (viewport.error?.message ?? '')
  problem.hidden = text === ''
  say(problem, text)
  if (viewport === undefined) return
  const { stage_a: a, stage_b: b } = viewport.models
  say(byId('models'), `${viewport.timeframe} heads; models: stage A ${nameOf(a)}, stage B ${nameOf(b)}`)
}

function showFreshness() {
  const age = performance.now() - state.arrived
  const live = age <= STALE_MS ? 'live' : 'stale'
  const word = state.payload === null ? 'waiting' : state.connected ? live : 'disconnected'
  const fresh = byId('fresh')
  fresh.dataset['state'] = word
  say(fresh, word)
  say(byId('age'), state.payload === null ? '' : `${(age / 1000).toFixed(1)} s ago`)
}

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  state.chosen = null
  show()
})

const events = new EventSource('/events')
events.addEventListener('open', () => {
  state.connected = true
})
events.addEventListener('error', () => {
  state.connected = false
  showFreshness()
})
events.addEventListener('message', (event) => {
  // The server is the page's own: what it sends is a payload.
  state.payload = /** @type {Payload} */ (JSON.parse(String(event.data)))
  state.arrived = performance.now()
  drawSoon()
})
setInterval(showFreshness, LOOK_EVERY_MS)
showFreshness()
