/** What a browser tells about its network and its user; elsewhere nothing does, and nothing is watched. */

export const watchPlatform = (on: { wake(): void; offline(): void }): (() => void) => {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => {}
  const online = (): void => on.wake()
  const offline = (): void => on.offline()
  const visible = (): void => {
    if (document.visibilityState === 'visible') on.wake()
  }
  window.addEventListener('online', online)
  window.addEventListener('offline', offline)
  document.addEventListener('visibilitychange', visible)
  return () => {
    window.removeEventListener('online', online)
    window.removeEventListener('offline', offline)
    document.removeEventListener('visibilitychange', visible)
  }
}
