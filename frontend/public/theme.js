// Runs before the first paint, so that a chosen theme or language does not flash.
(() => {
  try {
    const theme = localStorage.getItem("vakhta.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    const language = localStorage.getItem("vakhta.language");
    if (language === "ru" || language === "en") document.documentElement.lang = language;
  } catch {
    // A browser that keeps nothing shows the system's theme and Russian.
  }
})();
