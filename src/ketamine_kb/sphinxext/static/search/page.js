// The search page: takes the question from the form or the address, shows what the ranking found.
// Nothing of a question becomes markup: all text goes in as text.
(() => {
  "use strict";

  const MOST = { answers: 4, pages: 8, sections: 2, terms: 4 };
  const PAUSE = 150; // milliseconds after the last key, so that a screen reader is not told of every letter

  const form = document.getElementById("kb-search");
  const status = document.getElementById("kb-search-status");
  const results = document.getElementById("kb-search-results");
  if (!form || !status || !results) return;
  const box = form.elements.namedItem("q");

  // The engine and the index weigh more than a page, so they come with the first question, not with the page.
  const script = (address) => new Promise((done, failed) => {
    const made = document.createElement("script");
    made.src = address;
    made.async = false; // they run in the order in which they are named
    made.addEventListener("load", done);
    made.addEventListener("error", failed);
    document.head.append(made);
  });
  let search = null;
  let starting = null;
  const start = () => {
    starting ??= Promise.all(form.dataset.scripts.split(" ").map(script)).then(
      () => { search = new kbSearch.Search(globalThis.kbSearchIndex); },
    ).then(() => true, () => false);
    return starting;
  };

  const element = (name, kind, ...children) => {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    made.append(...children);
    return made;
  };

  // Text with the words that were found marked.
  const marked = (text, marks) => {
    const parts = document.createDocumentFragment();
    for (const part of text.split(/([\p{L}\p{N}]+(?:['’]s)?)/u)) {
      const words = kbSearch.tokens(part);
      const hit = words.length > 0 && words.some(({ word }) => marks.has(kbSearch.stem(word)));
      parts.append(hit ? element("mark", "", part) : part);
    }
    return parts;
  };

  const link = (address, ...children) => {
    const made = element("a", "", ...children);
    made.href = address;
    return made;
  };

  const group = (name, title, items) => {
    const heading = element("h2", "", title);
    heading.id = `kb-found-${name}`;
    const section = element("section", `kb-found kb-found-${name}`, heading, element("ol", "", ...items));
    section.setAttribute("aria-labelledby", heading.id);
    return section;
  };

  // A section without a title of its own is the page's first.
  const address = (data, section) => {
    const [at, title, anchor] = data.sections[section];
    return data.pages[at][0] + (title ? "#" + (anchor || kbSearch.anchorOf(title)) : "");
  };

  const answer = (data, found, marks) => {
    const [plain, certainty, , animals, entry, id] = data.claims[found.number];
    const [word, sign] = data.signs[certainty];
    const mark = element("span", `kb-certainty kb-chip-${word}`, `${sign} ${word}${animals ? ", " + animals : ""}`);
    if (id) return element("li", "", element("p", "", link(`${data.pages[entry][0]}#claim-${id}`, marked(plain, marks))), element("p", "kb-found-about", mark));
    const title = data.sections[found.section][1];
    const about = element("p", "kb-found-about", mark, ` · ${data.pages[found.page][1]}${title ? " · " + title : ""}`);
    return element("li", "", element("p", "", link(address(data, found.section), marked(plain, marks))), about);
  };

  const page = (data, found, marks) => {
    const [where, title, description] = data.pages[found.number];
    const item = element("li", "", element("p", "", link(where, marked(title, marks))));
    if (description) item.append(element("p", "kb-found-about", marked(description, marks)));
    const most = found.sections.length ? found.sections[0].score : 0;
    const parts = found.sections.filter((part) => data.sections[part.number][1] && part.score > 0.6 * most).slice(0, MOST.sections);
    if (parts.length) {
      item.append(element("ul", "", ...parts.map((part) => element("li", "", link(address(data, part.number), marked(data.sections[part.number][1], marks))))));
    }
    return item;
  };

  const term = (data, found, marks) => {
    const [at, word, text, anchor] = data.terms[found.number];
    return element("li", "", element("p", "", link(`${data.pages[at][0]}#${anchor || "term-" + kbSearch.anchorOf(word)}`, marked(word, marks)), `: ${text}`));
  };

  const counted = (number, one, many) => `${number} ${number === 1 ? one : many}`;

  const show = (question) => {
    const asked = question.slice(0, box.maxLength).trim();
    results.replaceChildren();
    if (!asked) {
      status.textContent = "";
      return;
    }
    if (!search) {
      status.textContent = "The search is starting.";
      start().then((started) => {
        if (started) show(box.value);
        else status.textContent = "The search could not start here. The list from A to Z below leads to the pages.";
      });
      return;
    }
    const { data } = search;
    const found = search.find(asked);
    const marks = search.marks(found.units);
    const answers = found.claims.slice(0, MOST.answers);
    const pages = found.ranked.slice(0, MOST.pages);
    const terms = found.terms.slice(0, MOST.terms);
    const groups = [];
    if (answers.length) groups.push(group("answers", "Answers", answers.map((one) => answer(data, one, marks))));
    if (pages.length) groups.push(group("pages", "Pages", pages.map((one) => page(data, one, marks))));
    // The group that holds the best page comes first.
    if (answers.length && pages.length && answers[0].page !== pages[0].number) groups.reverse();
    if (terms.length) groups.push(group("terms", "Glossary", terms.map((one) => term(data, one, marks))));
    results.append(...groups);
    const parts = [
      [answers.length, "answer", "answers"], [pages.length, "page", "pages"], [terms.length, "word of the glossary", "words of the glossary"],
    ].filter(([number]) => number).map((part) => counted(...part));
    status.textContent = groups.length ? `Found: ${parts.join(", ")}.` : "Nothing found. Try another word, or look in the list from A to Z below.";
  };

  const shown = () => new URLSearchParams(location.search).get("q") || "";

  const remember = (question) => {
    const there = new URL(location.href);
    there.search = question ? "?" + new URLSearchParams({ q: question }) : "";
    try {
      history.pushState(null, "", there);
    } catch {
      // A browser may refuse a new address for a page opened from a file; the results are there all the same.
    }
  };

  let waiting = 0;
  box.addEventListener("pointerdown", start, { once: true });
  box.addEventListener("input", () => {
    start();
    clearTimeout(waiting);
    waiting = setTimeout(() => show(box.value), PAUSE);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    if (box.value.trim() !== shown()) remember(box.value.trim());
    show(box.value);
  });
  addEventListener("popstate", () => {
    box.value = shown().slice(0, box.maxLength);
    show(box.value);
  });

  box.value = shown().slice(0, box.maxLength);
  if (box.value) show(box.value);
  else box.focus();
})();
