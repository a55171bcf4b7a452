// Light or dark: first what the system says, then what the button says until the
// page is left. Nothing is kept.
const root = document.documentElement;

export function themed() {
  document.querySelector('[data-theme-switch]')?.addEventListener('click', () => {
    const dark = root.dataset.theme === 'auto' ? matchMedia('(prefers-color-scheme: dark)').matches : root.dataset.theme === 'dark';
    root.dataset.theme = dark ? 'light' : 'dark';
  });
}
