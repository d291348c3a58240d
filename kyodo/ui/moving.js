// On the projector the buttons are unseen (stage.py) until the mouse moves or the screen is touched, and go again after.
(() => {
  const root = document.documentElement, STAYS = 2500; // milliseconds
  let timer;
  function show() {
    root.classList.add("k-moved");
    clearTimeout(timer);
    timer = setTimeout(() => root.classList.remove("k-moved"), STAYS);
  }
  for (const kind of ["mousemove", "touchstart"]) document.addEventListener(kind, show, { passive: true });
})();
