/** A connection on its handle does what a Socket does, as far as this house asks it to: each scenario is played with both. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { acceptHandles } from './accept-handles.ts'
import { shareReads } from './shared-reads.ts'
import { TcpSocket } from './tcp-socket.ts'

type Kind = 'handle' | 'Socket'

/** One connection: what the server was given of it, and the client's side. */
const pair = async (t: TestContext, kind: Kind): Promise<{ served: Socket; client: Socket }> => {
  const server = createServer({ allowHalfOpen: true })
  if (kind === 'handle') assert.equal(acceptHandles(server), true)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  })
  client.on('error', () => undefined)
  const [[served]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [Socket],
    unknown,
  ]
  assert.equal(served instanceof TcpSocket, kind === 'handle')
  shareReads(served)
  t.after(() => {
    client.destroy()
    served.destroy()
    server.close()
  })
  return { served, client }
}

/** All of it, up to the peer's end. */
const readAll = async (socket: Socket): Promise<Buffer> => {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'end')
  return Buffer.concat(chunks)
}

const MANY = Buffer.alloc(20_000_000)
for (let at = 0; at < MANY.length; at++) MANY[at] = at * 31 + (at >> 8)
const bytes = (length: number): Buffer => MANY.subarray(0, length)

/** Numbers below a bound, the same ones for a seed (xorshift). */
const dice = (seed: number): ((below: number) => number) => {
  let state = seed * 0x9e3779b1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

for (const kind of ['handle', 'Socket'] as const) {
  describe(`a connection on its ${kind}`, () => {
    it('carries bytes and text, small and larger than any buffer, both ways, in order', async (t) => {
      const { served, client } = await pair(t, kind)
      const large = bytes(8_000_000)
      const said = readAll(client)
      const heard = readAll(served)
      const order: string[] = []
      served.write('é', 'latin1', () => order.push('text'))
      served.write('é', () => order.push('utf8'))
      served.write(large, () => order.push('large'))
      assert.ok(served.writableLength > 0)
      assert.equal(served.writableNeedDrain, true)
      served.write(Buffer.from('behind'), () => order.push('behind'))
      served.write('it', 'latin1')
      served.on('drain', () => order.push('drain'))
      client.end(large)
      assert.ok((await heard).equals(large))
      await new Promise((resolve) => served.write('', resolve))
      assert.equal(served.writableLength, 0)
      served.end('end')
      assert.ok(
        (await said).equals(
          Buffer.concat([Buffer.from('\xe9', 'latin1'), Buffer.from('é'), large, Buffer.from('behinditend')]),
        ),
      )
      assert.ok(order.includes('drain'))
      assert.deepEqual(
        order.filter((what) => what !== 'drain'),
        ['text', 'utf8', 'large', 'behind'],
      )
      if (!served.destroyed) await once(served, 'close')
    })

    it('is corked: what is written then leaves as one', async (t) => {
      const { served, client } = await pair(t, kind)
      served.cork()
      served.write('a', 'latin1')
      served.write(Buffer.from('b'))
      served.write('c', 'latin1')
      served.uncork()
      const [chunk] = (await once(client, 'data')) as [Buffer]
      assert.equal(chunk.toString(), 'abc')
    })

    it('puts what is written on hearing that a write is done behind what waits already', async (t) => {
      const { served, client } = await pair(t, kind)
      const said = readAll(client)
      const large = bytes(8_000_000)
      served.write(large, () => served.end('late'))
      assert.ok(served.writableLength > 0)
      served.write('waits ', 'latin1')
      assert.equal((await said).subarray(large.length).toString(), 'waits late')
    })

    it('keeps the order of whatever is written, however it is corked, held back and taken', async (t) => {
      for (let seed = 1; seed <= 20; seed++) {
        const { served, client } = await pair(t, kind)
        const written: Buffer[] = []
        const heard: number[] = []
        const roll = dice(seed)
        const write = (depth: number): void => {
          const data = bytes(roll(4) === 0 ? roll(1_000_000) : roll(400))
          const at = written.push(data) - 1
          const sent = (): void => {
            heard.push(at)
            if (depth < 3 && roll(3) === 0) write(depth + 1)
          }
          if (roll(2) === 0) served.write(data.toString('latin1'), 'latin1', sent)
          else served.write(data, sent)
        }
        const said = readAll(client)
        for (let turn = 0; turn < 20; turn++) {
          const isCorked = roll(3) === 0
          if (isCorked) served.cork()
          for (let count = roll(4); count > 0; count--) write(0)
          if (isCorked) served.uncork()
          if (roll(3) === 0) client.pause()
          else client.resume()
          if (roll(2) === 0) await new Promise(setImmediate)
        }
        client.resume()
        while (heard.length < written.length) await new Promise(setImmediate)
        served.end()
        assert.ok((await said).equals(Buffer.concat(written)), `seed ${seed}`)
        assert.deepEqual(heard, [...heard.keys()], `seed ${seed}`)
      }
    })

    it('takes nothing as written at once', async (t) => {
      const { served, client } = await pair(t, kind)
      const said = readAll(client)
      await new Promise((resolve) => served.write('', 'latin1', resolve))
      await new Promise((resolve) => served.write(new Uint8Array(), resolve))
      served.end('', 'latin1')
      assert.equal((await said).length, 0)
    })

    it('tells of room behind whoever was told that there is none', async (t) => {
      const { served, client } = await pair(t, kind)
      client.resume()
      served.cork()
      assert.equal(served.write(bytes(70_000)), false)
      served.uncork()
      await once(served, 'drain')
      assert.equal(served.writableNeedDrain, false)
    })

    it('tells of the end of the peer, and closes when both sides have ended', async (t) => {
      const { served, client } = await pair(t, kind)
      served.on('data', () => undefined)
      client.end()
      await once(served, 'end')
      assert.equal(served.readableEnded, true)
      const said = readAll(client)
      const finished = once(served, 'finish')
      served.end('last')
      await finished
      assert.equal((await said).toString(), 'last')
      if (!served.destroyed) await once(served, 'close')
      assert.equal(served.destroyed, true)
    })

    it('paused, keeps what comes, and lets the peer wait; resumed, it gives all of it', async (t) => {
      const { served, client } = await pair(t, kind)
      const large = bytes(20_000_000)
      let heard = 0
      served.on('data', (chunk: Buffer) => (heard += chunk.length))
      served.pause()
      client.write('x')
      client.end(large)
      while (client.bytesWritten === 0) await new Promise(setImmediate)
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate)
      assert.equal(heard, 0)
      assert.ok(client.writableLength > 0, 'the kernel takes no more')
      assert.ok(served.readableLength <= 65_536)
      served.resume()
      await once(served, 'end')
      assert.equal(heard, large.length + 1)
    })

    it('gives again what is put back, before what comes', async (t) => {
      const { served, client } = await pair(t, kind)
      served.pause()
      served.unshift(Buffer.from('back'))
      client.end(' and more')
      assert.equal((await Promise.all([readAll(served), served.resume()]))[0].toString(), 'back and more')
    })

    it('tells of a reset as an error, and then that it has gone', async (t) => {
      const { served, client } = await pair(t, kind)
      served.on('data', () => undefined)
      const failed = once(served, 'error') as Promise<[NodeJS.ErrnoException]>
      const closed = new Promise((resolve) => served.once('close', resolve))
      client.resetAndDestroy()
      const [{ code, syscall }] = await failed
      assert.deepEqual([code, syscall], ['ECONNRESET', 'read'])
      await closed
      assert.equal(served.destroyed, true)
    })

    it('destroyed, it tells whoever waits for a write, and closes once', async (t) => {
      const { served } = await pair(t, kind)
      const told: (string | undefined)[] = []
      const sent = (error?: Error | null): void => void told.push(error ? 'failed' : 'sent')
      served.write(bytes(20_000_000), sent)
      served.write('waits', sent)
      let closed = 0
      served.on('close', () => closed++)
      served.destroy()
      served.destroy()
      await once(served, 'close')
      served.write('late', sent)
      while (told.length < 3) await new Promise(setImmediate)
      assert.deepEqual(told, ['failed', 'failed', 'failed'])
      assert.equal(closed, 1)
    })

    it('counts what it carries, also when it is over', async (t) => {
      const { served, client } = await pair(t, kind)
      client.end('hello')
      await readAll(served)
      served.write('é')
      const said = readAll(client)
      served.end('back', 'latin1')
      await said
      if (!served.destroyed) await once(served, 'close')
      assert.deepEqual([served.bytesRead, served.bytesWritten], [5, 6])
    })

    it('knows both ends', async (t) => {
      const { served, client } = await pair(t, kind)
      const { localAddress, localPort } = served
      assert.deepEqual(
        { address: served.remoteAddress, port: served.remotePort, family: 'IPv4' },
        client.address(),
      )
      assert.deepEqual([localAddress, localPort], ['127.0.0.1', client.remotePort])
    })
  })
}

describe('a connection on its handle', () => {
  it('becomes a Socket with all that is to leave, and its end', async (t) => {
    const { served, client } = await pair(t, 'handle')
    const large = bytes(8_000_000)
    const order: string[] = []
    served.write(large, () => order.push('large'))
    served.write('waits ', () => order.push('waits'))
    served.write('too ', 'latin1')
    served.end('ends')
    const socket = (served as unknown as TcpSocket).release()
    assert.equal((await readAll(client)).subarray(large.length).toString(), 'waits too ends')
    assert.deepEqual(order, ['large', 'waits'])
    client.end()
    socket.resume()
    await once(served, 'close')
  })

  it('becomes a Socket with all that has come, and hears of its end', async (t) => {
    const { served, client } = await pair(t, 'handle')
    served.pause()
    served.unshift(Buffer.from('first '))
    client.write('second ')
    while (served.readableLength < 13) await new Promise(setImmediate)
    const socket = (served as unknown as TcpSocket).release()
    assert.ok(socket instanceof Socket)
    client.end('third')
    assert.equal((await Promise.all([readAll(socket), socket.resume()]))[0].toString(), 'first second third')
    const closed = once(served, 'close')
    served.destroy()
    await closed
    assert.equal(socket.destroyed, true)
  })
})
