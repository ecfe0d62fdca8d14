/** A directory for a store, and shorthands for what tests do with the broker on it. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type AppendResult, type Broker, type ChannelOptions, type Page, SqliteBroker } from 'holdfast/server'

export const FILE = 'holdfast.db'

export const PLAIN: ChannelOptions = {
  contentType: 'json',
  retention: { count: Infinity, ageMs: Infinity, bytes: Infinity },
  ephemeral: false,
  conflated: false,
  maxKeys: 1_000,
}
export const KEYED: ChannelOptions = { ...PLAIN, conflated: true }

/** A fresh directory, removed when the tests of this file are over. */
export const directory = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-durability-'))
  after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export const open = async (path: string): Promise<SqliteBroker> => {
  const broker = new SqliteBroker({ directory: path })
  await broker.opened()
  return broker
}

/** Does something with the broker on a directory, and closes it. */
export const withBroker = async <T>(path: string, act: (broker: SqliteBroker) => Promise<T>): Promise<T> => {
  const broker = await open(path)
  try {
    return await act(broker)
  } finally {
    await broker.dispose()
  }
}

type Appended = Extract<AppendResult, { kind: 'appended' }>
type Found = Extract<Page, { kind: 'page' }>

export const publish = async (broker: Broker, channel: string, value: unknown): Promise<Appended> => {
  const result = await broker.append({ channel, entries: [{ data: JSON.stringify(value) }], create: PLAIN })
  assert.equal(result.kind, 'appended')
  return result as Appended
}

export const page = async (
  broker: Broker,
  channel: string,
  from: Parameters<Broker['read']>[0][number]['from'] = 'start',
): Promise<Found> => {
  const limit = { count: 300, bytes: 64 * 1024 }
  const [found] = await broker.read([{ channel, from, limit }])
  assert.equal(found?.kind, 'page', JSON.stringify(found))
  return found as Found
}

/** Every publication of a log, in pages: offsets without holes, parsed. */
export const readAll = async (broker: Broker, channel: string): Promise<unknown[]> => {
  const values: unknown[] = []
  let each = await page(broker, channel)
  assert.equal(each.floor, 1)
  for (;;) {
    for (const { publication } of each.entries) {
      assert.equal(publication.offset, values.length + 1)
      values.push(JSON.parse(publication.data as string))
    }
    if (each.upTo === each.top) return values
    const last = each.entries.at(-1)?.publication
    assert.ok(last)
    const { offset, stamp } = last
    each = await page(broker, channel, { epoch: each.epoch, offset, stamp })
    assert.equal(each.gap, undefined)
  }
}
