import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { Roster } from './roster.ts'

interface Member {
  readonly name: number
  place?: number
  other?: number
}

const members = (count: number): Member[] => Array.from({ length: count }, (_, name) => ({ name }))

test('whoever comes and goes, it holds what a Set would', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('add', 'delete', 'clear'), fc.nat(20)))
  fc.assert(
    fc.property(steps, (all) => {
      const [some, roster, set] = [members(21), new Roster<'place', Member>('place'), new Set<Member>()]
      for (const [what, which] of all) {
        const member = some[which]!
        if (what === 'delete') assert.equal(roster.delete(member), set.delete(member))
        else if (what === 'add') {
          roster.add(member)
          set.add(member)
        } else if (which === 0) {
          assert.deepEqual(new Set(roster.clear()), set)
          set.clear()
        }
        assert.equal(roster.size, set.size)
        assert.deepEqual(new Set(roster), set)
        for (const each of some) assert.equal(roster.has(each), set.has(each))
      }
    }),
  )
})

test('everybody has one turn who stays, whoever goes or comes meanwhile', () => {
  const [roster, all] = [new Roster<'place', Member>('place'), members(5)]
  const [late] = members(1)
  for (const member of all) roster.add(member)
  const turns: number[] = []
  for (const { name } of roster) {
    turns.push(name)
    if (name !== 1) continue
    roster.delete(all[0]!)
    roster.delete(all[3]!)
    roster.delete(all[1]!)
    roster.add(late!)
  }
  assert.deepEqual(turns, [0, 1, 2, 4])
  assert.equal(roster.size, 3)
})

test('a member may be in several, by a place in each', () => {
  const [one, other] = [new Roster<'place', Member>('place'), new Roster<'other', Member>('other')]
  const [first, second] = members(2) as [Member, Member]
  one.add(first)
  other.add(second)
  other.add(first)
  one.delete(first)
  assert.equal(other.has(first), true)
  assert.deepEqual([...other], [second, first])
})

/** Bytes that are held after twenty crowds of 2,000 have come and gone, with small collections alone. */
const grownBytes = (crowd: string): number => {
  const script = `
    import { Roster } from ${JSON.stringify(import.meta.resolve('./roster.ts'))}
    const crowd = ${crowd}
    gc()
    const before = process.memoryUsage().heapUsed
    for (let round = 0; round < 20; round++) {
      const all = Array.from({ length: 2_000 }, () => ({ place: -1, load: new Array(50).fill(round) }))
      for (const member of all) crowd.add(member)
      for (const member of all) crowd.delete(member)
      all.length = 0
      gc({ type: 'minor' })
      gc({ type: 'minor' })
    }
    console.log(process.memoryUsage().heapUsed - before)`
  const args = ['--expose-gc', '--input-type=module', '--eval', script]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
  assert.match(stdout, /^-?\d+\n$/, stderr)
  return Number(stdout)
}

test('whoever has gone is collected soon, which a Set does not let happen', () => {
  const MIB = 1024 * 1024
  assert.ok(grownBytes('new Roster("place")') < 4 * MIB)
  assert.ok(grownBytes('new Set()') > 8 * MIB, 'a Set would do by now')
})
