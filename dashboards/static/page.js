// What Streamlit has no setting for: the key "/" and the first field of a dialog. A file, so that a policy that permits no
// script in the page itself (docs/operate.md) permits this one.
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
}
