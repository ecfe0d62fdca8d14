/** `holdfast serve` with certificates that are renewed, and with such as cannot be used. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { connect } from 'node:tls'
import { type Certificate, makeCertificate } from '../server/certificate.ts'
import { Command, run } from './command.ts'

const shown = async (url: string): Promise<string> => {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const cert = socket.getPeerX509Certificate()?.toString() ?? ''
  socket.destroy()
  return cert.trim()
}

const inFolder = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-certificates-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const serve = async (t: TestContext, folder: string): Promise<{ node: Command; url: string }> => {
  const files = ['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')]
  const node = new Command(['serve', '--port', '0', ...files], { cwd: folder })
  t.after(() => node.stop())
  return { node, url: await node.line() }
}

const write = (folder: string, { cert, key }: Certificate): void => {
  writeFileSync(join(folder, 'tls.crt'), cert)
  writeFileSync(join(folder, 'tls.key'), key)
}

test('files that are replaced are shown to new connections, and a pair that does not match is not', async (t) => {
  const folder = inFolder(t)
  const [first, second, third] = [makeCertificate(), makeCertificate(), makeCertificate()]
  write(folder, first)
  const { node, url } = await serve(t, folder)
  assert.equal(await shown(url), first.cert.trim())
  write(folder, second)
  await node.said(/the new certificate is in use/)
  assert.equal(await shown(url), second.cert.trim())
  writeFileSync(join(folder, 'tls.crt'), third.cert)
  await node.said(/do not belong together\nThe old one stays\. Put a certificate and its key in .*SIGHUP/)
  assert.equal(await shown(url), second.cert.trim())
  writeFileSync(join(folder, 'tls.key'), third.key)
  await node.said(/in use[^]*in use/)
  assert.equal(await shown(url), third.cert.trim())
  assert.equal(await node.stop(), 0)
})

test('a folder of links that is turned to another folder, as Kubernetes does it, is seen', async (t) => {
  const folder = inFolder(t)
  const [first, second] = [makeCertificate(), makeCertificate()]
  for (const [name, pair] of [
    ['..1', first],
    ['..2', second],
  ] as const) {
    mkdirSync(join(folder, name))
    write(join(folder, name), pair)
  }
  symlinkSync('..1', join(folder, '..data'))
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(folder, name))
  const { node, url } = await serve(t, folder)
  symlinkSync('..2', join(folder, '..next'))
  renameSync(join(folder, '..next'), join(folder, '..data'))
  await node.said(/the new certificate is in use/)
  assert.equal(await shown(url), second.cert.trim())
})

test('SIGHUP reads them again where nothing tells of a change, and ends nothing', async (t) => {
  const folder = inFolder(t)
  const [first, second] = [makeCertificate(), makeCertificate()]
  const elsewhere = join(folder, 'elsewhere')
  mkdirSync(elsewhere)
  write(elsewhere, first)
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(join(elsewhere, name), join(folder, name))
  const { node, url } = await serve(t, folder)
  write(elsewhere, second)
  node.signal('SIGHUP')
  await node.said(/the new certificate is in use/)
  assert.equal(await shown(url), second.cert.trim())
})

test('a certificate that runs out soon is told at the start; one that cannot be used ends it there', async (t) => {
  const folder = inFolder(t)
  const soon = makeCertificate(10)
  write(folder, soon)
  const { node } = await serve(t, folder)
  assert.match(node.stderr, /the certificate runs out on \d{4}-\d\d-\d\d, in (9|10) days: renew it/)
  writeFileSync(join(folder, 'tls.key'), makeCertificate().key)
  const files = ['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')]
  const { status, stderr } = await run(['serve', '--memory', '--port', '0', ...files])
  assert.equal(status, 2)
  assert.match(stderr, /--tls-cert, --tls-key: the certificate and the private key do not belong together/)
})
