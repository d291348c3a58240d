// 下書き: a long text reaches the server while it is typed, not only when its field is left, so that a reload loses nothing.
(() => {
  let timer = 0;
  for (const kind of ["input", "compositionend"]) document.addEventListener(kind, (event) => {
    const field = event.target.closest('[class*="st-key-draft_"] textarea');
    if (!field) return;
    clearTimeout(timer);
    if (event.isComposing) return;
    // Ctrl+Enter is how Streamlit's field is told to send what it holds
    const send = { key: "Enter", code: "Enter", ctrlKey: true, bubbles: true };
    timer = setTimeout(() => field.dispatchEvent(new KeyboardEvent("keydown", send)), 700);
  });

  // 意見: the panel on the stage opens with the cursor in its text
  const opens = (event) => event.type === "keydown"
    ? event.key.toLowerCase() === "m" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, textarea")
    : event.target.closest(".st-key-stage_say");
  for (const kind of ["keydown", "click"]) document.addEventListener(kind, (event) => {
    if (!document.querySelector(".st-key-stage_say") || !opens(event)) return;
    let tries = 150;
    const waiting = setInterval(() => {
      const field = document.querySelector(".st-key-opinion_panel textarea");
      // the panel may be drawn twice while the slide is still being made: the cursor goes back until something is typed
      const free = document.activeElement === document.body || document.activeElement.closest(".st-key-stage_say");
      if (field && free) field.focus();
      if (field?.value || --tries === 0) clearInterval(waiting);
    }, 100);
  }, true);
})();
