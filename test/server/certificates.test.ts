/** A node's certificate: another one while connections stand, and what is no certificate at all. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { CertificateError, createServer } from 'holdfast/server'
import { WebSocketFollower } from '../transports/websocket-follower.ts'
import { certificate, makeCertificate } from './certificate.ts'
import { eventually, startNode } from './node-under-test.ts'

/** What a new connection is shown. */
const shown = async (
  port: number,
  options: object = {},
): Promise<{ cert: string; protocol: string | null }> => {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  const told = {
    cert: socket.getPeerX509Certificate()?.toString() ?? '',
    protocol: socket.getProtocol(),
  }
  socket.destroy()
  return told
}

for (const scheme of ['tls', 'h2'] as const) {
  test(`new connections see the new certificate while an old WebSocket and a held poll go on (${scheme})`, async () => {
    const node = await startNode({}, scheme)
    const socket = new WebSocketFollower(node)
    await socket.follow({ a: {} })
    await socket.hears('subscribed', 'a')
    const cursor = await node.server.publish('a', 0)
    const held = node.post({ subscribe: { a: { from: cursor } }, live: 'long-poll' })
    await eventually(() => node.server.stats().held === 1, 'a poll is held')
    assert.equal((await shown(node.port)).cert.trim(), certificate().cert.trim())
    const renewed = makeCertificate()
    node.server.setCertificate(renewed)
    assert.equal((await shown(node.port)).cert.trim(), renewed.cert.trim())
    assert.equal((await shown(node.port, { ALPNProtocols: ['h2'] })).cert.trim(), renewed.cert.trim())
    await node.server.publish('a', 1)
    assert.deepEqual(await socket.data('a', 2), [0, 1])
    assert.deepEqual(
      (await held).body.events.map((event) => event['data']),
      [1],
    )
    await socket.close()
    await node.stop()
  })
}

test('a broken pair is refused by its code, and the old one stays', async () => {
  const node = await startNode({}, 'tls')
  const [first, second] = [certificate(), makeCertificate()]
  const broken = {
    key_mismatch: { cert: second.cert, key: first.key },
    bad_certificate: { cert: 'no certificate', key: first.key },
    bad_key: { cert: first.cert, key: first.cert },
  }
  for (const [code, pair] of Object.entries(broken)) {
    assert.throws(
      () => node.server.setCertificate(pair),
      (error) => error instanceof CertificateError && error.code === code,
    )
    await assert.rejects(createServer().listen({ tls: pair }), { code })
  }
  const bundle = `${second.cert}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`
  assert.throws(() => node.server.setCertificate({ cert: bundle, key: second.key }), {
    code: 'bad_certificate',
  })
  assert.equal((await shown(node.port)).cert.trim(), first.cert.trim())
  await node.stop()
})

test('TLS 1.2 is the oldest version that is spoken', async () => {
  const node = await startNode({}, 'tls')
  assert.equal((await shown(node.port)).protocol, 'TLSv1.3')
  assert.equal((await shown(node.port, { maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2')
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
  await assert.rejects(shown(node.port, old))
  await node.stop()
})
