import { importGraph } from './graph.ts'
import type { ImportGraph } from './graph.ts'
import type { Repository } from './repository.ts'

/**
 * Files that import each other in a circle, types included, each circle once by its shortest path, and entries of
 * `known` that are in no circle any more. A circle all of whose files are in `known` is let through.
 */
export function circleViolations(repository: Repository, known: readonly string[]): string[] {
  const graph = importGraph(repository)
  const circles = circlesOf(graph)
  const closed = new Set(circles.flat())
  return [
    ...circles
      .filter((files) => files.some((file) => !known.includes(file)))
      .map((files) => {
        const path = shortestCircle(graph, files).join(' -> ')
        return `${path}: imports go round. Move what both need, often a type, down into a file of its own.`
      }),
    ...known
      .filter((file) => !closed.has(file))
      .map((file) => `${file}: is listed as part of a circle but is in none. Remove it from the list.`),
  ]
}

/** Sets of files that all reach each other, by Tarjan's algorithm (doi:10.1137/0201010), each sorted. */
function circlesOf(graph: ImportGraph): string[][] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: string[] = []
  const circles: string[][] = []
  const low = (file: string): number => lowest.get(file) ?? Infinity

  function visit(file: string): void {
    order.set(file, order.size)
    lowest.set(file, order.size - 1)
    open.push(file)
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) visit(target)
      if (open.includes(target)) lowest.set(file, Math.min(low(file), low(target)))
    }
    if (low(file) !== order.get(file)) return
    const circle = open.splice(open.indexOf(file))
    if (circle.length > 1 || graph.get(file)?.includes(file) === true) circles.push(circle.toSorted())
  }

  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return circles.toSorted((one, other) => ((one[0] ?? '') < (other[0] ?? '') ? -1 : 1))
}

/** A shortest way from a file of a circle back to it, both ends included. */
function shortestCircle(graph: ImportGraph, files: readonly string[]): string[] {
  const paths = files.map((file) => shortestWay(graph, file))
  return paths.reduce((best, path) => (path.length < best.length ? path : best))
}

function shortestWay(graph: ImportGraph, start: string): string[] {
  const seen = new Set<string>()
  const ways: string[][] = [[start]]
  for (const way of ways) {
    for (const target of graph.get(way.at(-1) ?? '') ?? []) {
      if (target === start) return [...way, start]
      if (seen.has(target)) continue
      seen.add(target)
      ways.push([...way, target])
    }
  }
  throw new Error(`workspace: ${start}: no way leads back to it.`)
}
