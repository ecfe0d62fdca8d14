/** What the node behind this page offers beyond channels: it says so itself, once. */

export interface Features {
  /** The node's half of the use cases runs. */
  readonly examples: boolean
  /** The transport lab may be used. */
  readonly lab?: boolean
  /** The node may be looked into and changed. */
  readonly admin?: boolean
}

/** A node that does not say is taken to offer everything: the page then says itself what it misses. */
const EVERYTHING: Features = { examples: true }

const ask = async (): Promise<Features> => {
  try {
    const answer = await fetch('/console/features.json')
    return answer.ok ? ((await answer.json()) as Features) : EVERYTHING
  } catch {
    return EVERYTHING
  }
}

/** Asked for while the page's own file is loaded. */
export const features: Promise<Features> = ask()
