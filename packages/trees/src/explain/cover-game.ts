import { treeCount } from '../model/model.ts'
import type { TreeModel } from '../model/model.ts'
import { MAX_PLACES } from './leaf-paths.ts'
import type { LeafGame, LeafPaths } from './leaf-paths.ts'
import { gaussLegendre } from './quadrature.ts'
import type { Quadrature } from './quadrature.ts'

/** Entries of the factor table for one quadrature point: every place's factor for an answer against the leaf and towards it. */
const STRIDE = 2 * MAX_PLACES

/**
 * The share of a branch's training cover that went to each child, by node of the child; 1 for a root. Both children of a
 * branch that no training row reached (cover 0 on both sides) get 1/2: nothing is known, and no other branch can notice.
 * Throws RangeError where a cover is not a number of at least 0, or a tree with branches has covers of 0 only.
 */
export function coverShares(model: TreeModel): Float64Array {
  checkCovers(model)
  const { feature, left, cover } = model
  const shares = new Float64Array(feature.length).fill(1)
  for (let node = 0; node < feature.length; node++) {
    if ((feature[node] as number) < 0) continue
    const child = left[node] as number
    const toLeft = cover[child] as number
    const both = toLeft + (cover[child + 1] as number)
    shares[child] = both > 0 ? toLeft / both : 0.5
    shares[child + 1] = both > 0 ? (cover[child + 1] as number) / both : 0.5
  }
  return shares
}

function checkCovers(model: TreeModel): void {
  for (const [node, cover] of model.cover.entries()) {
    if (cover >= 0 && cover < Infinity) continue
    throw new RangeError(`trees: model.cover[${node}]=${cover}: must be a finite number of at least 0`)
  }
  for (let t = 0; t < treeCount(model); t++) {
    const root = model.treeStart[t] as number
    if ((model.feature[root] as number) < 0 || (model.cover[root] as number) > 0) continue
    throw new RangeError(
      `trees: model.cover: tree ${t} has no cover at its root: path-dependent contributions weigh by cover. ` +
        'Use interventionalExplainer with background rows',
    )
  }
}

/** What the covers expect of the raw score: base score plus every leaf times the shares on its path, in tree order. */
export function expectedScore(model: TreeModel, shares: Float64Array): number {
  const reach = Float64Array.from(shares)
  let score = model.baseScore
  for (let node = 0; node < reach.length; node++) {
    const here = reach[node] as number
    if ((model.feature[node] as number) < 0) {
      score += here * (model.value[node] as number)
      continue
    }
    const left = model.left[node] as number
    for (let child = left; child <= left + 1; child++) reach[child] = (reach[child] as number) * here
  }
  return score
}

/**
 * Path-dependent game: a leaf of value v is worth v times the product over places of o (the place is in the coalition; 1
 * where the row answers towards the leaf, else 0) or z (it is not; the share of the cover that took the path's answers).
 * Owen's multilinear extension gives the Shapley value of place i as the integral over t in (0, 1) of
 * v (o_i - z_i) times the product over j != i of (t o_j + (1 - t) z_j): a polynomial of degree d - 1, which ceil(d / 2)
 * Gauss-Legendre points integrate exactly. All factors are at least 0, so nothing cancels, however deep the tree.
 * Cost of a turn and of a row: O(d^2).
 */
export function coverGame(model: TreeModel, paths: LeafPaths, coverShare: Float64Array): LeafGame {
  const { parent, place, width } = paths
  const rules = Array.from({ length: MAX_PLACES / 2 + 1 }, (_, size) => gaussLegendre(size))
  const share = new Float64Array(MAX_PLACES)
  const factor = new Float64Array((MAX_PLACES / 2) * STRIDE)
  const before = new Float64Array(MAX_PLACES)
  let places = 0
  let rule = gaussLegendre(0)
  let value = 0

  function fillFactors(): void {
    for (let k = 0, at = 0; k < rule.points.length; k++, at += STRIDE) {
      const t = rule.points[k] as number
      for (let p = 0; p < places; p++) {
        const outside = (1 - t) * (share[p] as number)
        factor[at + 2 * p] = outside
        factor[at + 2 * p + 1] = t + outside
      }
    }
  }

  return {
    turnTo(leaf) {
      places = width[leaf] as number
      rule = rules[(places + 1) >> 1] as Quadrature
      value = model.value[leaf] as number
      for (let p = 0; p < places; p++) share[p] = 1
      for (let node = leaf, above = parent[leaf] as number; above >= 0; node = above, above = parent[node] as number) {
        const p = place[above] as number
        share[p] = (share[p] as number) * (coverShare[node] as number)
      }
      fillFactors()
    },
    shares(mask, out) {
      for (let p = 0; p < places; p++) out[p] = 0
      for (let k = 0, at = 0; k < rule.points.length; k++, at += STRIDE) {
        let product = value * (rule.weights[k] as number)
        for (let p = 0; p < places; p++) {
          before[p] = product
          product *= factor[at + 2 * p + ((mask >>> p) & 1)] as number
        }
        let after = 1
        for (let p = places - 1; p >= 0; p--) {
          out[p] = (out[p] as number) + (before[p] as number) * after
          after *= factor[at + 2 * p + ((mask >>> p) & 1)] as number
        }
      }
      for (let p = 0; p < places; p++) out[p] = (out[p] as number) * (((mask >>> p) & 1) - (share[p] as number))
    },
  }
}
