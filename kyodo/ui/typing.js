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
})();
