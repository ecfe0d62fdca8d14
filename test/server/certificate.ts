/** A throw-away certificate for 127.0.0.1, made by openssl once per test process and trusted by its clients only. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, setGlobalDispatcher } from 'undici'

export interface Certificate {
  readonly cert: string
  readonly key: string
}

let made: Certificate | undefined

/** The certificate; from the first call on, `fetch` and `WebSocket` of this process trust it. */
export const certificate = (): Certificate => {
  if (made === undefined) {
    made = makeCertificate()
    setGlobalDispatcher(new Agent({ connect: { ca: made.cert }, keepAliveTimeout: 1_000 }))
  }
  return made
}

/** Another one, that nobody trusts. */
export const makeCertificate = (days = 90): Certificate => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-certificate-'))
  try {
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
    const names = '-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:holdfast.test'
    const request = `req -x509 ${key} -days ${days} ${names}`.split(' ')
    execFileSync('openssl', [...request, '-out', certFile, '-keyout', keyFile], { stdio: 'pipe' })
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
