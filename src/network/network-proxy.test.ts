// Real sockets on both sides of the network; its time is a clock that goes on when it is told to.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { VirtualClock } from '../../test/network/virtual-clock.ts'
import { NetworkProxy, type NetworkOptions } from './network-proxy.ts'

interface Scene {
  readonly network: NetworkProxy
  readonly clock: VirtualClock
  dial(): Socket
}

const build = async (
  t: TestContext,
  serve: (socket: Socket) => void,
  options: Omit<NetworkOptions, 'target'> = {},
): Promise<Scene> => {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => undefined))
    return socket
  }
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(keep(socket)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const clock = new VirtualClock()
  const target = { port: (server.address() as AddressInfo).port }
  const network = new NetworkProxy({ target, clock, ...options })
  const { port } = await network.listen()
  t.after(async () => {
    await network.close()
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return { network, clock, dial: () => keep(connect({ port, host: '127.0.0.1', allowHalfOpen: true })) }
}

const echo = (socket: Socket): void => {
  socket.pipe(socket)
}
const silent = (): void => undefined

/** Everything until the peer's end. */
const readAll = async (socket: Socket): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await turn()
}

test('bytes pass unchanged both ways, and are counted, and a half-closed connection still speaks', async (t) => {
  const { network, dial } = await build(t, echo)
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) & 255))
  const client = dial()
  client.end(sent)
  assert.deepEqual(await readAll(client), sent)
  await until(() => network.open === 0)
  const { bytesUp, bytesDown, connections, cuts } = network.traffic
  assert.deepEqual([bytesUp, bytesDown, connections, cuts], [sent.length, sent.length, 1, 0])
})

test('a delay is taken each way, in order, and a change of it holds for what sets out from then on', async (t) => {
  const { network, clock, dial } = await build(t, echo, { conditions: { delayMs: 100 } })
  const client = dial()
  const heard: string[] = []
  client.on('data', (bytes: Buffer) => heard.push(`${bytes.toString()} at ${clock.now()}`))
  client.write('one')
  await until(() => network.heldBytes === 3)
  clock.advance(99)
  assert.equal(network.heldBytes, 3)
  clock.advance(1)
  // It is with the target, and on its way back.
  await until(() => network.heldBytes === 3)
  clock.advance(99)
  await turn()
  assert.deepEqual(heard, [])
  clock.advance(1)
  await until(() => heard.length === 1)
  assert.deepEqual(heard, ['one at 200'])
  network.change({ delayMs: 0 })
  client.write('two')
  await until(() => heard.length === 2)
  assert.deepEqual(heard, ['one at 200', 'two at 200'])
})

test('a connection is cut at its age, also when the age is set while it stands', async (t) => {
  const { network, clock, dial } = await build(t, echo)
  const client = dial()
  client.write('x')
  await once(client, 'data')
  clock.advance(400)
  network.change({ cutEveryMs: 500 })
  clock.advance(99)
  await turn()
  assert.equal(network.traffic.cuts, 0)
  clock.advance(1)
  const [error] = (await once(client, 'error').catch((error: unknown) => [error])) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNRESET')
  assert.deepEqual([network.traffic.cuts, network.open, clock.timers], [1, 0, 0])
})

test('a chance of cuts resets in the middle of an answer', async (t) => {
  const { network, dial } = await build(t, echo, { conditions: { cutChance: 1 }, seed: 1 })
  const client = dial()
  client.write('0123456789')
  let heard = 0
  client.on('data', (bytes: Buffer) => (heard += bytes.length))
  await new Promise<void>((resolve) => client.once('close', () => resolve()))
  assert.ok(heard < 10)
  assert.equal(network.traffic.cuts, 1)
  assert.equal(network.traffic.bytesDown >= heard, true)
})

test('a share of connections is cut: about as many as was asked, the same ones for the same seed', async (t) => {
  const run = async (): Promise<number> => {
    const { network, dial } = await build(t, echo, { conditions: { cutChance: 0.2 }, seed: 7 })
    for (let index = 0; index < 200; index++) {
      const client = dial()
      client.end('0123456789')
      await new Promise<void>((resolve) => client.resume().once('close', () => resolve()))
    }
    return network.traffic.cuts
  }
  const cuts = await run()
  assert.ok(cuts > 20 && cuts < 60, `${cuts} of 200`)
  assert.equal(await run(), cuts)
})

test('the next answer can be cut behind so many bytes, also when it is delayed', async (t) => {
  const { network, clock, dial } = await build(t, echo, { conditions: { delayMs: 10 } })
  const client = dial()
  const done = network.cutInMidAnswer(3)
  client.write('0123456789')
  await until(() => network.heldBytes === 10)
  clock.advance(10)
  await until(() => network.heldBytes === 3)
  clock.advance(10)
  await done
  assert.deepEqual([network.traffic.bytesDown, network.traffic.cuts], [3, 1])
})

test('an idle connection is closed, one that moves is not', async (t) => {
  const { network, clock, dial } = await build(t, echo, { conditions: { idleTimeoutMs: 1_000 } })
  const client = dial()
  client.write('x')
  await once(client, 'data')
  clock.advance(900)
  client.write('x')
  await once(client, 'data')
  clock.advance(900)
  assert.equal(network.open, 1)
  clock.advance(100)
  assert.equal(network.open, 0)
  await new Promise<void>((resolve) => client.resume().once('end', () => resolve()))
  assert.equal(network.traffic.cuts, 0, 'it was closed, not reset')
})

for (const direction of ['up', 'down'] as const) {
  test(`a reader that does not read stops who writes (${direction}), and a bounded part is held`, async (t) => {
    const total = 64 * 1024 * 1024
    const piece = Buffer.alloc(65_536)
    let accepted = 0
    const pour = (socket: Socket): void => {
      while (accepted < total) {
        accepted += piece.length
        if (!socket.write(piece)) return void socket.once('drain', () => pour(socket))
      }
      socket.end()
    }
    const far: Socket[] = []
    const { network, dial } = await build(t, (socket) => {
      far.push(socket.pause())
      if (direction === 'down') pour(socket)
    })
    const near = dial().pause()
    if (direction === 'up') pour(near)
    // It stands still when nothing has been accepted for many turns.
    for (let before = -1, still = 0; still < 200; still = accepted === before ? still + 1 : 0) {
      before = accepted
      await turn()
    }
    assert.ok(accepted < total / 2, `${accepted} bytes were accepted`)
    assert.ok(network.heldBytes <= 2 * 1_048_576, `${network.heldBytes} bytes are held`)
    const reader = direction === 'up' ? far[0]! : near
    assert.equal((await readAll(reader)).length, total, 'and all of it comes in the end')
  })
}

test('thousands of connections leave nothing behind', async (t) => {
  const { network, clock, dial } = await build(t, echo, {
    conditions: { cutEveryMs: 60_000, idleTimeoutMs: 60_000 },
  })
  for (let round = 0; round < 40; round++) {
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const client = dial()
        client.write('hello')
        await once(client, 'data')
        if (index % 2 === 0) client.end().resume()
        else client.resetAndDestroy()
        await new Promise<void>((resolve) => client.once('close', () => resolve()))
      }),
    )
  }
  await until(() => network.open === 0)
  assert.equal(network.traffic.connections, 2_000)
  assert.equal(network.heldBytes, 0)
  assert.equal(clock.timers, 0)
})

test('a reset on one side is one on the other', async (t) => {
  const { dial } = await build(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
  const client = dial()
  client.write('x')
  const [error] = (await once(client, 'error').catch((error: unknown) => [error])) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNRESET')
})

test('where nobody listens behind the network, the client hears of it', async (t) => {
  const { network, dial } = await build(t, silent, {})
  const nowhere = new NetworkProxy({ target: { port: 1 } })
  t.after(() => nowhere.close())
  const { port } = await nowhere.listen()
  const client = connect(port, '127.0.0.1')
  const [error] = (await once(client, 'error').catch((error: unknown) => [error])) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNRESET')
  assert.equal(nowhere.open, 0)
  assert.equal(network.open, 0)
  dial()
})

test('a tap sees every byte of each connection that begins after it, and none when it is off', async (t) => {
  const { network, dial } = await build(t, echo)
  const early = dial()
  early.write('early')
  await once(early, 'data')
  const seen: string[] = []
  const off = network.tap({
    opened: (id) => seen.push(`${id} opened`),
    moved: (id, direction, _timeMs, bytes) =>
      seen.push(`${id} ${direction} ${Buffer.from(bytes).toString()}`),
    closed: (id, _timeMs, why) => seen.push(`${id} ${why}`),
  })
  const client = dial()
  client.write('hello')
  await once(client, 'data')
  early.write('more')
  await once(early, 'data')
  client.end().resume()
  await until(() => network.open === 1)
  assert.deepEqual(seen, ['2 opened', '2 up hello', '2 down hello', '2 ended'])
  off()
  const late = dial()
  late.write('late')
  await once(late, 'data')
  assert.equal(seen.length, 4)
})

test('conditions that cannot be are refused, and nothing changes', () => {
  const network = new NetworkProxy({ target: { port: 1 }, conditions: { delayMs: 5 } })
  for (const change of [
    { delayMs: -1 },
    { cutChance: 2 },
    { delayMs: NaN },
    { bufferBytes: 0 },
    { buffering: 'x' },
    { no: 1 },
  ])
    assert.throws(() => network.change(change as object), RangeError)
  assert.equal(network.conditions.delayMs, 5)
})
