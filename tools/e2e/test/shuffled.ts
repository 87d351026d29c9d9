/** The labels of break and bounce dealt out anew among the touches of all days that have one. */
export function shuffled(days: readonly Int8Array[]): Int8Array[] {
  const labels = days.flatMap((labelled) => Array.from(labelled).filter((label) => label !== -1))
  let state = 12_345
  for (let i = labels.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    const j = Math.floor((state / 2 ** 32) * (i + 1))
    const held = labels[i] ?? 0
    labels[i] = labels[j] ?? 0
    labels[j] = held
  }
  let next = 0
  return days.map((labelled) => labelled.map((label) => (label === -1 ? -1 : (labels[next++] ?? 0))))
}
