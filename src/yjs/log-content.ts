/**
 * What a log was found to hold, as Yjs counts it: which pieces of each author, and which deletions. From that follows
 * what a document has that the log lacks: written while offline, kept from an earlier visit, or lost with an earlier
 * life of the log. It keeps ranges, not the text.
 */
import {
  type Doc,
  decodeUpdate,
  encodeStateAsUpdate,
  encodeStateVector,
  equalDeleteSets,
  mergeDeleteSets,
  Skip,
} from 'yjs'

export type DecodedUpdate = ReturnType<typeof decodeUpdate>
type Range = readonly [from: number, to: number]

export class LogContent {
  readonly #ranges = new Map<number, Range[]>()
  readonly #deletions: DecodedUpdate['ds'][] = []

  add({ structs, ds }: DecodedUpdate): void {
    for (const struct of structs) {
      if (struct instanceof Skip) continue
      const { id, length } = struct
      const ranges = this.#ranges.get(id.client)
      const range: Range = [id.clock, id.clock + length]
      if (ranges === undefined) this.#ranges.set(id.client, [range])
      else ranges.push(range)
    }
    if (ds.clients.size > 0) this.#deletions.push(ds)
  }

  /** What `doc` has and the log lacks, as an update; undefined when there is nothing. */
  missing(doc: Doc): Uint8Array | undefined {
    const update = encodeStateAsUpdate(doc, encodeStateVector(this.#vector()))
    const { structs, ds } = decodeUpdate(update)
    const known = mergeDeleteSets(this.#deletions)
    const nothing = structs.length === 0 && equalDeleteSets(known, mergeDeleteSets([known, ds]))
    return nothing ? undefined : update
  }

  /** Of each author, up to where everything is there. */
  #vector(): Map<number, number> {
    const vector = new Map<number, number>()
    for (const [client, ranges] of this.#ranges) {
      let end = 0
      for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
        if (from > end) break
        end = Math.max(end, to)
      }
      vector.set(client, end)
    }
    return vector
  }
}
