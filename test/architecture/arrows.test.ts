/** The house's arrows: which room may import which. TypeScript's references are transitive, so this looks itself. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'
import { test } from 'node:test'

const SRC = join(import.meta.dirname, '..', '..', 'src')

/** As ARCHITECTURE.md draws them. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  roster: [],
  websocket: [],
  channel: [],
  protocol: ['channel'],
  session: ['channel', 'protocol'],
  hub: ['channel', 'roster'],
  broker: ['channel'],
  wire: ['websocket', 'roster'],
  transport: ['session', 'hub', 'wire', 'channel', 'protocol', 'roster'],
  streams: ['transport', 'hub', 'channel', 'protocol'],
  server: ['transport', 'streams', 'hub', 'session', 'broker', 'channel', 'protocol', 'wire', 'roster'],
  client: ['protocol', 'channel', 'wire'],
  advice: ['client'],
  lab: ['advice', 'broker', 'client', 'network', 'server'],
  network: [],
  react: ['client'],
  yjs: ['client'],
  netcode: ['client'],
  cli: ['server', 'broker', 'client', 'advice', 'lab', 'wire', 'websocket', 'channel', 'protocol'],
}

/** Rooms that own no socket, timer, clock or randomness. */
const PURE = ['roster', 'websocket', 'channel', 'protocol', 'session', 'hub']

interface Import {
  readonly file: string
  readonly specifier: string
}

const sources = globSync('**/*.ts', { cwd: SRC }).filter((file) => !file.endsWith('.test.ts'))

const imports: Import[] = sources.flatMap((file) => {
  const text = readFileSync(join(SRC, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s+'([^']+)'/g)].map((match) => ({
    file,
    specifier: match[1] as string,
  }))
})

const roomOf = (file: string): string => file.split(sep)[0] as string

const targetRoom = ({ file, specifier }: Import): string | undefined =>
  specifier.startsWith('.') ? roomOf(normalize(join(dirname(file), specifier))) : undefined

test('every room is on the map, and every import follows an arrow', () => {
  assert.ok(imports.length > 100, 'the sources were found')
  const uphill = imports.filter((each) => {
    const from = roomOf(each.file)
    const to = targetRoom(each)
    return to !== undefined && to !== from && ARROWS[from]?.includes(to) !== true
  })
  assert.deepEqual(uphill, [])
})

test("a room's arrows are its project references", () => {
  for (const [room, arrows] of Object.entries(ARROWS)) {
    const project = JSON.parse(readFileSync(join(SRC, room, 'tsconfig.json'), 'utf8')) as {
      references: { path: string }[]
    }
    const references = project.references.map(({ path }) => relative('..', path))
    assert.deepEqual(references.toSorted(), arrows.toSorted(), room)
  }
})

test('the cores import nothing but the rooms below them', () => {
  const outside = imports.filter(
    ({ file, specifier }) => PURE.includes(roomOf(file)) && !specifier.startsWith('.'),
  )
  assert.deepEqual(outside, [])
})

test('the client reaches the wire only through its Node entry, and Node itself nowhere else', () => {
  const offenders = imports.filter(
    (each) =>
      roomOf(each.file) === 'client' &&
      !['node.ts', 'dial-socket.ts', 'node-fetch.ts'].includes(relative('client', each.file)) &&
      (targetRoom(each) === 'wire' || each.specifier.startsWith('node:')),
  )
  assert.deepEqual(offenders, [])
})

test('what crosses rooms is imported from the index of a room', () => {
  const deep = imports.filter((each) => {
    const to = targetRoom(each)
    const entry = /(^|\/)(index|node)\.ts$/.test(each.specifier)
    return to !== undefined && to !== roomOf(each.file) && !entry
  })
  assert.deepEqual(deep, [])
})

test('nothing is called utils, helpers, common, misc, manager or types', () => {
  const vague = /(^|\/)(utils?|helpers?|common|misc|managers?|types)(\.ts|\/)/
  assert.deepEqual(
    sources.filter((file) => vague.test(file)),
    [],
  )
})
