/**
 * The broker contract on a file: in its own thread, as a node runs it, and, since the model's many scripts each need
 * a store of their own, in this one, over the same messages. What only a file can do is tested in test/durability/.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { brokerSuite, type MakeBroker } from '../broker-suite.ts'
import { SqliteBroker } from './sqlite-broker.ts'
import { type FromStore, hostStore } from './store-host.ts'
import { type SpawnStore, spawnStore } from './store-port.ts'

// In memory where there is such a place: what is tested here is not the disk.
const home = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdfast-suite-'))
after(() => rmSync(home, { recursive: true }))

const besides: SpawnStore = (data, events) => {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', (message: FromStore) => events.message(message))
  port1.on('close', () => events.ended(undefined))
  hostStore(port2, data)
  return {
    post: (message) => port1.postMessage(message, [message.batch.buffer]),
    hold: () => undefined,
    terminate: () => Promise.resolve(port1.close()),
  }
}

let brokers = 0
const making =
  (spawn: SpawnStore): MakeBroker =>
  async (surroundings) => {
    const broker = new SqliteBroker({ directory: join(home, String(++brokers)), ...surroundings }, spawn)
    await broker.opened()
    // Watchers are told of a move before whoever caused it hears of it.
    return { broker, told: () => Promise.resolve() }
  }

brokerSuite('sqlite', making(besides))
brokerSuite('sqlite, in its own thread', making(spawnStore), 10)
