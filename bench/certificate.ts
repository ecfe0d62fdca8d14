/** A throw-away certificate for 127.0.0.1 in files, made by openssl for one run and gone with it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let made: { readonly cert: string; readonly key: string } | undefined

/** The paths of the certificate and its key. @throws where there is no openssl */
export const certificate = (): { readonly cert: string; readonly key: string } => {
  if (made !== undefined) return made
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const request =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1'
  const args = [...request.split(' '), '-out', files.cert, '-keyout', files.key]
  execFileSync('openssl', args, { stdio: 'pipe' })
  return (made = files)
}
