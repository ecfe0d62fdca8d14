// Sets the stored theme before the first paint. It is a file of its own because the page's policy forbids inline scripts.
try {
  var theme = localStorage.getItem('holdfast.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is switched off: the system's theme applies.
}
