/** Anchors of labels, earliest first: when after the touch minute begins a head's question is asked. */
export const ANCHORS = ['2min', '4min', '8min'] as const
/** One of {@link ANCHORS}. */
export type Anchor = (typeof ANCHORS)[number]

/** The anchor whose heads and label columns stand without a suffix. */
export const PRIMARY_ANCHOR: Anchor = '4min'

/** Seconds from the start of the touch minute to each anchor. */
export const ANCHOR_SECONDS: Readonly<Record<Anchor, number>> = { '2min': 120, '4min': 240, '8min': 480 }

/** What an anchor adds to a name: nothing for the primary one, else `_2min` or `_8min`. */
export function anchorSuffix(anchor: Anchor): string {
  return anchor === PRIMARY_ANCHOR ? '' : `_${anchor}`
}

/** A name with the anchor's suffix: the inverse of {@link splitAnchor} for a base that has no suffix of its own. */
export function atAnchor(base: string, anchor: Anchor): string {
  return base + anchorSuffix(anchor)
}

/** A name without its anchor's suffix, and that anchor; a name without a suffix belongs to the primary one. */
export function splitAnchor(name: string): { readonly base: string; readonly anchor: Anchor } {
  const anchor = ANCHORS.find((one) => one !== PRIMARY_ANCHOR && name.endsWith(`_${one}`)) ?? PRIMARY_ANCHOR
  return { base: name.slice(0, name.length - anchorSuffix(anchor).length), anchor }
}
