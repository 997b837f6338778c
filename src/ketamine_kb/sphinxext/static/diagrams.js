// Walk through a diagram arrow by arrow. Without this script the whole picture and its list are there.
"use strict";
(() => {
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const make = (name, text, press) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `kb-button kb-${name}`;
    button.textContent = text;
    button.addEventListener("click", press);
    return button;
  };

  const stepper = (box) => {
    const svg = box.querySelector("svg");
    const picture = box.querySelector(".kb-picture");
    const items = [...box.querySelectorAll(".kb-words li")];
    if (!svg || !items.length) return;
    const line = (item) => document.getElementById(`${svg.id}-${item.dataset.edge}`);
    const label = (item) => svg.querySelector(`[data-label="${item.dataset.edge}"]`);
    const node = (id) => document.getElementById(`${svg.id}--${id}`);
    let at = -1;

    const bar = document.createElement("div");
    bar.className = "kb-steps";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Walk through this diagram");
    const said = document.createElement("p");
    said.className = "kb-said";
    said.setAttribute("aria-live", "polite");

    const show = (number) => {
      at = Math.max(-1, Math.min(items.length - 1, number));
      const walking = at >= 0;
      svg.classList.toggle("kb-walking", walking);
      svg.querySelectorAll(".kb-now, .kb-past").forEach((part) => part.classList.remove("kb-now", "kb-past"));
      items.slice(0, at + 1).forEach((item, index) => {
        const path = line(item);
        const parts = [path, label(item), path && node(path.dataset.from), path && node(path.dataset.to)];
        parts.forEach((part) => part && part.classList.add(index === at ? "kb-now" : "kb-past"));
      });
      // A button that has the focus keeps it: "disabled" would drop it, and the arrow keys with it.
      next.setAttribute("aria-disabled", String(at === items.length - 1));
      begin.hidden = walking;
      [back, next, whole].forEach((button) => { button.hidden = !walking; });
      if (!walking) {
        said.textContent = "";
        return;
      }
      const words = items[at].querySelector(".kb-step").textContent;
      const behind = items[at].querySelector(".kb-hidden");
      said.textContent = `Step ${at + 1} of ${items.length}: ${words}${behind ? behind.textContent : ""}.`;
      const shape = line(items[at]);
      if (shape && picture.scrollWidth > picture.clientWidth) {
        const middle = shape.getBoundingClientRect();
        const frame = picture.getBoundingClientRect();
        const left = picture.scrollLeft + middle.left + middle.width / 2 - frame.left - frame.width / 2;
        picture.scrollTo({ left, behavior: still.matches ? "auto" : "smooth" });
      }
    };

    const begin = make("begin", "Walk through step by step", () => { show(0); next.focus(); });
    const back = make("back", "Back", () => { show(at - 1); if (at < 0) begin.focus(); });
    const next = make("next", "Next", () => show(at + 1));
    const whole = make("whole", "Show all", () => { show(-1); begin.focus(); });
    bar.append(begin, back, next, whole, said);
    bar.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!move || at < 0) return;
      event.preventDefault();
      show(Math.max(0, at + move));
    });
    box.insertBefore(bar, picture);
    show(-1);
  };

  document.querySelectorAll('.kb-diagram[data-steps="yes"]').forEach(stepper);

  // A line's details open as the browser's own popover; without this script they are shown as the page's target.
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('.kb-svg a[href^="#pop-"]');
    const details = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!details || !details.showPopover) return;
    event.preventDefault();
    details.tabIndex = -1;
    details.showPopover();
    details.focus(); // so that the next Tab is inside, and closing leads back to the line
  });

  // Sphinx takes the Escape key for its search marks; open details need it to close.
  addEventListener("keydown", (event) => {
    const knows = "popover" in HTMLElement.prototype;
    if (knows && event.key === "Escape" && document.querySelector(".kb-popover:popover-open")) event.stopPropagation();
  }, true);
})();
