// Small helps. Without this script every page can be read, its menus opened and its terms looked up.
"use strict";
(() => {
  // The choice of colours.
  const box = document.querySelector(".kb-colours");
  const select = box && box.querySelector("select");
  if (select) {
    try {
      const known = localStorage.getItem("theme");
      select.value = known === "light" || known === "dark" ? known : "";
      box.hidden = false;
    } catch { /* nothing can be remembered here, so nothing is offered */ }
    select.addEventListener("change", () => {
      if (select.value) localStorage.setItem("theme", select.value);
      else localStorage.removeItem("theme");
      document.dispatchEvent(new Event("kb-colours"));
    });
  }

  // A menu closes when one of its links was followed to a place on the same page.
  document.querySelectorAll(".kb-sheet").forEach((sheet) => {
    sheet.addEventListener("click", (event) => {
      if (event.target.closest("a") && sheet.hidePopover && sheet.matches(":popover-open")) sheet.hidePopover();
    });
  });

  // What scrolls sideways can be reached by keyboard, and only while it scrolls.
  const wide = [...document.querySelectorAll(".pst-scrollable-table-container, .bd-article pre")];
  const reach = () => wide.forEach((part) => {
    const scrolls = part.scrollWidth > part.clientWidth;
    if (!scrolls) {
      ["tabindex", "role", "aria-label"].forEach((name) => part.removeAttribute(name));
      return;
    }
    const caption = part.querySelector("caption .caption-text, caption");
    part.tabIndex = 0;
    part.setAttribute("role", "group");
    part.setAttribute("aria-label", caption ? caption.textContent.trim() : part.matches("pre") ? "Code" : "Table");
  });
  if (wide.length) {
    const watch = new ResizeObserver(reach);
    wide.forEach((part) => watch.observe(part));
  }

  // Escape hides a definition that is shown by hovering or by the focus (WCAG 1.4.13).
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll(".kb-term-box:hover, .kb-term-box:focus-within").forEach((term) => {
      term.classList.add("kb-quiet");
      const again = () => term.classList.remove("kb-quiet");
      ["pointerleave", "focusout"].forEach((name) => term.addEventListener(name, again, { once: true }));
    });
  });

  // Older browsers print closed details closed.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach((part) => { part.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((part) => { part.open = false; }));
})();
