// What Streamlit has no setting for: the key "/", the first field of a dialog, definitions of terms, the whole text of cut
// cells, wide tables. A file, so that a policy that permits no script in the page itself (docs/operate.md) permits this one.
if (!window.promisekeptPage) {
  window.promisekeptPage = true;

  const FIELDS = "input, textarea, select, [contenteditable=true], [role=combobox]";
  const FIRST = "[role=dialog] :is(.st-key-act_fields, .st-key-search_words) :is(textarea, input)";

  document.addEventListener("keydown", (event) => {
    const isTyped = event.target.closest?.(FIELDS) || event.ctrlKey || event.metaKey || event.altKey;
    const search = document.querySelector(".st-key-open_search button");
    if (event.key !== "/" || isTyped || !search || document.querySelector("[role=dialog]")) return;
    event.preventDefault(); // some browsers search in the page by this key
    search.click();
  });

  // A dialog of Streamlit has the focus itself and gets its fields later.
  let isFocused = false;
  new MutationObserver(() => {
    const field = document.querySelector(FIRST);
    if (field && !isFocused) requestAnimationFrame(() => field.focus());
    isFocused = Boolean(field);
  }).observe(document.body, { childList: true, subtree: true });

  // A term is a link whose title is its definition; a click shows it, Escape or a click elsewhere closes it.
  const note = document.createElement("div");
  note.id = "term";
  note.popover = "auto";
  note.setAttribute("role", "note");
  document.body.append(note);
  document.addEventListener("click", (event) => {
    const term = event.target.closest?.("a[href^='#term-']");
    if (!term) return;
    event.preventDefault();
    const name = document.createElement("strong");
    name.textContent = term.textContent;
    note.replaceChildren(name, document.createElement("br"), term.title);
    const page = getComputedStyle(document.querySelector("[data-testid=stApp]"));
    Object.assign(note.style, { background: page.backgroundColor, color: page.color, fontFamily: page.fontFamily });
    note.showPopover({ source: term });
    const at = term.getBoundingClientRect();
    const below = at.bottom + 6;
    const isAbove = below + note.offsetHeight > window.innerHeight;
    note.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - note.offsetWidth - 8))}px`;
    note.style.top = `${isAbove ? at.top - note.offsetHeight - 6 : below}px`;
  });
  window.addEventListener("scroll", () => note.matches(":popover-open") && note.hidePopover(), true);
  window.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !note.matches(":popover-open")) return;
      event.stopPropagation(); // or the drawer below it would close, too
      event.preventDefault();
      note.hidePopover();
    },
    true,
  );

  // The label of a button that is too narrow for it ends with an ellipsis.
  document.addEventListener("mouseover", (event) => {
    const label = event.target.closest?.("[data-testid=stMarkdownContainer]");
    if (label && label.scrollWidth > label.clientWidth && getComputedStyle(label).textOverflow === "ellipsis") {
      label.title = label.textContent;
    }
  });

  // A table that is wider than the page scrolls by the keyboard, too.
  const WIDE = "[data-testid=stTable], [data-testid=stTable] div";
  let isDue = false;
  const measure = () => {
    isDue = false;
    for (const region of document.querySelectorAll(WIDE)) {
      const isScrolled = region.scrollWidth > region.clientWidth && getComputedStyle(region).overflowX === "auto";
      if (isScrolled) region.tabIndex = 0;
      else region.removeAttribute("tabindex");
    }
  };
  const measureSoon = () => {
    if (!isDue) requestAnimationFrame(measure);
    isDue = true;
  };
  new MutationObserver(measureSoon).observe(document.body, { childList: true, subtree: true });
  window.addEventListener("resize", measureSoon);

  // A list is drawn on a canvas; below it lies a table of the same cells for screen readers, with their whole text.
  const ROW = 34;
  document.addEventListener("pointermove", (event) => {
    const list = event.target.closest?.("[data-testid=stDataFrame]");
    const canvas = list?.querySelector("canvas");
    if (!canvas) return;
    const row = Math.floor((event.clientY - canvas.getBoundingClientRect().top) / ROW) - 1; // below the titles
    const cut = [...canvas.querySelectorAll("th")].filter((title) => title.textContent.endsWith("\u200b"));
    const texts = cut.map((title) => {
      const cell = canvas.querySelector(`#glide-cell-${title.ariaColIndex - 1}-${row}`);
      return cell?.textContent && `${title.textContent.slice(0, -1)}: ${cell.textContent}`;
    });
    list.title = texts.filter(Boolean).join("\n");
  });
}
