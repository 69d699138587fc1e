// The content security policy forbids style attributes, and so the server sends them by another name in the pages that it draws
// (web/render.tsx).
for (const element of document.querySelectorAll('[data-style]')) {
  element.style.cssText = element.dataset.style
  element.removeAttribute('data-style')
}
