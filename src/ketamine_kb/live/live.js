// Reloads a page of `nox -s live` when it was built again, and shows what is wrong. Never part of the built site.
"use strict";
(() => {
  let shown = null;
  let box = null;
  const show = (problems) => {
    if (box) box.remove();
    box = null;
    if (!problems.length) return;
    box = document.createElement("section");
    box.id = "kb-live";
    box.setAttribute("role", "status");
    box.setAttribute("aria-label", "Problems");
    const title = document.createElement("p");
    title.textContent = problems.length === 1 ? "1 problem" : problems.length + " problems";
    const list = document.createElement("ol");
    for (const problem of problems) {
      const item = document.createElement("li");
      item.textContent = problem;
      list.append(item);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Hide until the next save";
    close.addEventListener("click", () => box.remove());
    box.append(title, list, close);
    document.body.append(box);
  };
  const news = new EventSource("/_live/events?page=" + encodeURIComponent(location.pathname));
  news.addEventListener("message", (event) => {
    const told = JSON.parse(event.data);
    if (shown !== null && told.build !== shown) {
      news.close();
      location.reload();
      return;
    }
    shown = told.build;
    show(told.problems);
  });
})();
