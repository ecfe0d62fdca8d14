// Who is there, in no order, each knowing its own place: whoever comes or goes is one write to an array.
//
// Why no Set: V8 makes the table of a Set anew as it fills and empties, and a table that was left points to the one that
// followed it. Where connections come and go, tables that have grown old so keep everybody alive who was ever in a younger
// one, until the whole heap is collected; and what is alive is copied. That was a sixth of what a handshake cost.

/** What may be in a roster; the roster alone writes its place. */
export type Placed<Key extends PropertyKey> = { [key in Key]?: number | undefined }

const NOWHERE = -1

export class Roster<Key extends PropertyKey, Member extends Placed<Key>> {
  private readonly key: Key
  private readonly members: (Member | undefined)[] = []
  private count = 0

  /** @param key the property in which a member keeps its place: one for each roster that it is in at a time. */
  constructor(key: Key) {
    this.key = key
  }

  get size(): number {
    return this.count
  }

  has(member: Member): boolean {
    return this.placeOf(member) !== NOWHERE
  }

  add(member: Member): void {
    if (this.has(member)) return
    this.put(member, this.count++)
  }

  /** @returns whether it was there. */
  delete(member: Member): boolean {
    const place = this.placeOf(member)
    if (place === NOWHERE) return false
    this.place(member, NOWHERE)
    const last = this.members[--this.count]!
    // The room that it leaves stays: it is taken again.
    this.members[this.count] = undefined
    if (last !== member) this.put(last, place)
    return true
  }

  /** All who are there; whoever goes meanwhile before it was their turn is left out, and whoever comes. */
  *[Symbol.iterator](): Generator<Member, void, undefined> {
    for (const member of this.members.slice(0, this.count)) if (this.has(member!)) yield member!
  }

  /** All who were there: nobody is any more. */
  clear(): Member[] {
    const all = this.members.slice(0, this.count) as Member[]
    for (const member of all) this.place(member, NOWHERE)
    this.members.length = 0
    this.count = 0
    return all
  }

  private placeOf(member: Member): number {
    const place = member[this.key] ?? NOWHERE
    return place !== NOWHERE && this.members[place] === member ? place : NOWHERE
  }

  private put(member: Member, place: number): void {
    this.members[place] = member
    this.place(member, place)
  }

  private place(member: Placed<Key>, place: number): void {
    member[this.key] = place
  }
}
