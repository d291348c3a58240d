// 画像で保存: the card of a chart as the reader sees it (title, key, figure, source) becomes one PNG, drawn by the browser.
// plotly's own button saves the figure alone, and a figure without its source is not fit to be handed round.
(() => {
  const WIDTH = 2400; // pixels at least: sharp on a slide across a projector

  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".k-picture");
    if (!button) return;
    const label = button.textContent;
    button.disabled = true;
    try {
      save(await drawn(sheet(document.querySelector(`.st-key-${button.dataset.card}`))), button.value);
    } catch (error) {
      console.error(error);
      button.textContent = "画像にできませんでした";
      await new Promise((after) => setTimeout(after, 4000));
    }
    button.textContent = label;
    button.disabled = false;
  });

  // The menu offers the picture of every card; the buttons are the cards', as they know what stands on the page.
  document.addEventListener("click", (event) => event.target.closest(".st-key-page_menu button") && offer(60));

  /** Fill the menu once it is there, within so many frames. */
  function offer(frames) {
    const place = document.querySelector(".k-pictures:empty");
    if (!place) return void (frames && requestAnimationFrame(() => offer(frames - 1)));
    place.append(...[...document.querySelectorAll(".k-foot .k-picture")].map((each) => each.cloneNode(true)));
  }

  /** The card's parts on a sheet of their own, as wide as the card, in the page but out of sight. */
  function sheet(card) {
    const made = document.createElement("div"), look = getComputedStyle(card);
    const beside = parseFloat(look.paddingLeft) + parseFloat(look.paddingRight);
    const wide = Math.max(card.clientWidth, card.querySelector(".svg-container").clientWidth + beside); // wider on a phone
    made.lang = document.documentElement.lang; // where a line may break depends on it
    made.style.cssText = `position:fixed; left:-99999px; top:0; box-sizing:border-box; width:${wide}px;
      padding:${look.padding}; background:#fff; color:${look.color}; font-family:${look.fontFamily}`;
    for (const name of [".k-title", ".k-key", ".svg-container", ".k-note"])
      for (const part of card.querySelectorAll(name)) made.append(copy(part));
    document.body.append(made);
    return made;
  }

  /** A part with the look it has on the page written into it, as no style sheet goes with a picture. */
  function copy(part) {
    if (part.matches(".svg-container")) {
      const frame = document.createElement("div");
      frame.style.cssText = `position:relative; width:${part.clientWidth}px; height:${part.clientHeight}px`;
      for (const layer of part.querySelectorAll(".main-svg")) {
        const svg = layer.cloneNode(true);
        svg.style.cssText += "; position:absolute; top:0; left:0";
        frame.append(svg);
      }
      return frame;
    }
    const made = part.cloneNode(true), from = [part, ...part.querySelectorAll("*")];
    [made, ...made.querySelectorAll("*")].forEach((each, place) => {
      const look = getComputedStyle(from[place]);
      const names = look.display === "inline-block" ? [...LOOK, "width", "height"] : LOOK;
      for (const name of names) each.style.setProperty(name, look.getPropertyValue(name));
    });
    return made;
  }
  const LOOK = ["display", "flex-flow", "gap", "margin", "padding", "border", "background-color", "color", "font",
    "list-style", "vertical-align", "word-break", "text-wrap", "overflow-wrap"];

  /** A sheet as a canvas. */
  async function drawn(page) {
    const { offsetWidth: width, offsetHeight: height } = page, scale = Math.max(2, WIDTH / width);
    page.remove();
    page.style.position = "static";
    const body = new XMLSerializer().serializeToString(page).replace(/url\((&quot;|")[^)#]*#/g, "url($1#");
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width * scale}" height="${height * scale}"
      viewBox="0 0 ${width} ${height}"><foreignObject width="100%" height="100%">${body}</foreignObject></svg>`;
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas;
  }

  /** A canvas as a file on the reader's disk. */
  function save(canvas, name) {
    const link = Object.assign(document.createElement("a"), { href: canvas.toDataURL("image/png"), download: `${name}.png` });
    link.click();
  }
})();
