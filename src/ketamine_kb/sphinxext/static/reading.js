// The place where a reader stopped, print, and copy. Nothing leaves this device; without this script every link is there.
"use strict";
(() => {
  const KEY = "how-ketamine-works.place";
  const one = (selector) => document.querySelector(selector);
  // Storage may be blocked or full, and what it holds may be from elsewhere: then nothing is remembered.
  const read = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY)) || {};
      return typeof kept === "object" ? kept : {};
    } catch { return {}; }
  };
  const keep = (more) => {
    try { localStorage.setItem(KEY, JSON.stringify({ ...read(), ...more })); } catch { /* as above */ }
  };
  const forget = () => {
    try { localStorage.removeItem(KEY); } catch { /* as above */ }
  };

  const foot = one(".kb-foot");
  const paths = foot && foot.querySelector(".kb-paths ul");
  if (paths) {
    const reader = String(read().reader);
    const mine = [...paths.children].find((item) => item.dataset.reader === reader);
    if (mine) paths.prepend(mine);
    const start = paths.querySelector("[data-start]");
    if (start) keep({ reader: start.dataset.reader });
    paths.addEventListener("click", (event) => {
      const item = event.target.closest("a") && event.target.closest("li");
      if (item) keep({ reader: item.dataset.reader });
    });
  }

  if (foot && foot.dataset.place) {
    const sections = [...document.querySelectorAll("article section[id]")];
    const note = () => {
      if (document.visibilityState === "visible" && !leaving) return;
      const at = sections.filter((part) => part.getBoundingClientRect().top < 150).pop();
      const inside = at && at !== sections[0];
      const title = one("article h1").cloneNode(true);
      title.querySelectorAll(".headerlink").forEach((link) => link.remove());
      keep({ page: foot.dataset.place, at: inside ? at.id : "", title: title.textContent.slice(0, 200) });
    };
    let leaving = false;
    addEventListener("pagehide", () => { leaving = true; note(); });
    document.addEventListener("visibilitychange", note);
  }

  const line = one(".kb-continue");
  const { page, at, title } = read();
  if (line && title && /^[\w-]+(\/[\w-]+)*$/.test(page)) {
    const link = line.querySelector("a");
    link.textContent = String(title);
    link.href = `${document.documentElement.dataset.content_root || ""}${page}.html${/^[\w-]+$/.test(at) ? `#${at}` : ""}`;
    line.querySelector("button").addEventListener("click", () => { forget(); line.hidden = true; });
    line.hidden = false;
  }

  const print = one(".kb-print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }

  const copier = (text) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "kb-button";
    button.textContent = text.localName === "pre" ? "Copy BibTeX" : "Copy";
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text.textContent);
        said.textContent = " Copied.";
      } catch {
        getSelection().selectAllChildren(text);
        said.textContent = " Marked: copy it with the keyboard or the menu.";
      }
    });
    text.after(button, said);
  };
  // Made when the details open: the ledger has one for each claim.
  document.addEventListener("toggle", (event) => {
    const box = event.target;
    if (!box.matches(".kb-cite") || box.dataset.ready) return;
    box.dataset.ready = "yes";
    box.querySelectorAll("[data-cite]").forEach(copier);
  }, true);
})();
