/**
 * In which order nodes are split. 'depth': every node of a depth, as far as the rules go; with a limit on leaves, level by
 * level, the larger gain first. 'leaf': always the node with the largest gain (LightGBM's leaf-wise, XGBoost's lossguide).
 */
export type Growth = 'depth' | 'leaf'

/** Nodes that wait to be split. */
export interface NodeQueue<T> {
  readonly add: (node: T) => void
  /** Takes the node to split next; undefined where none waits. */
  readonly next: () => T | undefined
  readonly size: () => number
}

interface QueuedNode {
  readonly depth: number
  readonly split: { readonly gain: number }
}

/** The queue of a way to grow. Without a limit on leaves, depth first: then the minBins histograms are alive. */
export function createQueue<T extends QueuedNode>(growth: Growth, maxLeaves: number): NodeQueue<T> {
  const nodes: T[] = []
  const add = (node: T): void => {
    nodes.push(node)
  }
  const size = (): number => nodes.length
  if (growth === 'depth' && maxLeaves === Infinity) return { add, size, next: () => nodes.pop() }
  const before = (a: T, b: T): boolean =>
    growth === 'depth' && a.depth !== b.depth ? a.depth < b.depth : a.split.gain > b.split.gain
  const next = (): T | undefined => {
    let best = 0
    for (let i = 1; i < nodes.length; i++) if (before(nodes[i] as T, nodes[best] as T)) best = i
    return nodes.splice(best, 1)[0]
  }
  return { add, size, next }
}
