// What the pages' own links, sheets and paper need of the browser; nothing here asks the server for anything new.
(() => {
  // A link of this application changes the page without loading the program anew, as the navigation does.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".stMain .stHtml a[href], .k-site a");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const to = new URL(link.href, location.href), here = location.pathname;
    if (to.origin !== location.origin || /\/open-data\//.test(to.pathname) || !document.querySelector(".stApp")) return;
    event.preventDefault();
    history.pushState({}, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
    if (to.pathname !== here || !link.closest(".k-stay")) document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
  });

  // On a phone the filters are a sheet that a button opens and closes.
  const sheet = () => document.querySelector(".st-key-filters");
  const show = (open) => {
    sheet()?.toggleAttribute("data-open", open);
    document.querySelector(".k-sheet")?.setAttribute("aria-expanded", String(open));
    (open ? sheet()?.querySelector("input") : document.querySelector(".k-sheet"))?.focus();
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest(".k-sheet")) show(true);
    if (event.target.closest(".k-sheet-close")) show(false);
    if (event.target.closest(".k-print")) setTimeout(print, 300); // the menu it stands in closes first
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && sheet()?.hasAttribute("data-open")) show(false);
  });

  // On a phone the menu of the pages lies over the page: it goes once a page is chosen.
  document.addEventListener("click", (event) => {
    if (innerWidth > 767 || !event.target.closest('[data-testid="stSidebarNavLink"]')) return;
    setTimeout(() => document.querySelector('[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button')?.click(), 300);
  });

  // Paper shows what is folded on the screen.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.k-fold:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => folded.forEach((each) => (each.open = false)));
})();
