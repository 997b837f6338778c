"""How large the search is, how long a reader waits for the first result, and how often the right page stands first.

Run by hand on a quiet machine, after ``nox -s html``: ``python -m benchmarks.search [repetitions]``. With the package ``pagefind``
installed (``pip install "pagefind[bin]"``; it is not one of ours) the same questions are put to Pagefind, which needs a server.
Prints the tables of ``benchmarks/results-search.md``.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Browser, sync_playwright

from ketamine_kb.evidence import load
from ketamine_kb.project import here
from ketamine_kb.search import index, synonyms

ROOT = here().root
SITE = ROOT / "build/html"
QUESTIONS: dict[str, list[dict[str, Any]]] = yaml.safe_load((ROOT / "tests/site/search-queries.yaml").read_text(encoding="utf-8"))
#: Milliseconds from the start of the navigation to the first result in the page.
FIRST_RESULT = """what => new Promise(done => {
  const look = () => document.querySelector(what) ? done(performance.now()) : requestAnimationFrame(look);
  look();
})"""
#: Three ways to ship the same index: bytes are measured in Python, milliseconds to a usable engine here.
FORMS = """() => {
  const written = JSON.stringify(new kbSearch.Search(kbSearchIndex).engine), plain = JSON.parse(written);
  const fields = ["title", "plain", "text"];
  const documents = Array.from({ length: plain.documentCount }, (_, id) => ({ id, title: [], plain: [], text: [] }));
  for (const [term, places] of plain.index) {
    for (const field in places) for (const id in places[field]) documents[id][fields[field]].push(term);
  }
  for (const one of documents) for (const field of fields) one[field] = one[field].join(" ");
  const options = { fields, tokenize: text => text.split(" "), processTerm: term => term };
  const timed = work => {
    const times = [];
    for (let round = 0; round < 9; round += 1) {
      const start = performance.now();
      work();
      times.push(performance.now() - start);
    }
    return times.sort((one, other) => one - other)[4];
  };
  return {
    written, documents: JSON.stringify(documents.map(one => fields.map(field => one[field]))),
    ours: timed(() => new kbSearch.Search(kbSearchIndex)),
    stored: timed(() => MiniSearch.loadJSON(written, options)),
    added: timed(() => new MiniSearch(options).addAll(documents)),
  };
}"""
ASK_ALL = """questions => {
  const search = new kbSearch.Search(kbSearchIndex);
  return questions.map(question => search.addresses(question));
}"""
TIME_ALL = """questions => {
  const search = new kbSearch.Search(kbSearchIndex);
  return questions.map(question => {
    const start = performance.now();
    search.find(question);
    return performance.now() - start;
  });
}"""
#: Milliseconds from a question in an open page, which has not loaded the index yet, to its first result.
ASKED = """() => new Promise(done => {
  const form = document.getElementById("kb-search"), start = performance.now();
  const look = () => document.querySelector("#kb-search-results a") ? done(performance.now() - start) : setTimeout(look, 1);
  form.elements.namedItem("q").value = "can I drive home";
  form.requestSubmit();
  look();
})"""
#: Pagefind as it is.
PAGEFIND = """async questions => {
  const pagefind = await import("/pagefind/pagefind.js");
  await pagefind.init();
  const urls = async results => Promise.all(results.slice(0, 5).map(async one => (await one.data()).url.replace(/^\\//, "")));
  const found = [];
  for (const question of questions) found.push(await urls((await pagefind.search(question)).results));
  return found;
}"""


def zipped(data: bytes) -> int:
    """Bytes after gzip at its usual level."""
    return len(gzip.compress(data, 6))


def score(questions: list[dict[str, Any]], found: list[list[str]]) -> str:
    """Share of questions with the right page first and among three."""
    first = top = 0
    for question, addresses in zip(questions, found, strict=True):
        right = {f"{page}.html" for page in question["pages"]}
        first += bool(right & set(addresses[:1]))
        top += bool(right & set(addresses[:3]))
    return f"{first / len(questions):.0%} / {top / len(questions):.0%}"


def waiting(browser: Browser, address: str, what: str, repetitions: int) -> list[float]:
    """Times until something is in the page, each in a browser context that knows nothing yet."""
    times = []
    for _ in range(repetitions):
        context = browser.new_context()
        page = context.new_page()
        page.goto(address, wait_until="commit")
        times.append(float(page.evaluate(FIRST_RESULT, what)))
        context.close()
    return times


def using(browser: Browser, repetitions: int) -> list[float]:
    """Times from the first question in an open page to its first result, in browser contexts that know nothing yet."""
    times = []
    for _ in range(repetitions):
        context = browser.new_context()
        page = context.new_page()
        page.goto((SITE / "search.html").as_uri())
        times.append(float(page.evaluate(ASKED)))
        context.close()
    return times


def served(folder: Path) -> tuple[http.server.ThreadingHTTPServer, str]:
    """A server of one folder on this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}"


def ours(browser: Browser, repetitions: int) -> None:
    """The table of our search."""
    context = browser.new_context()
    page = context.new_page()
    page.goto((SITE / "search.html").as_uri() + "?q=ketamine")
    forms = page.evaluate(FORMS)
    found = {family: page.evaluate(ASK_ALL, [question["ask"] for question in listed]) for family, listed in QUESTIONS.items()}
    everything = [question["ask"] for listed in QUESTIONS.values() for question in listed]
    took = page.evaluate(TIME_ALL, everything)
    context.close()

    shipped = (SITE / "_static/search/index.js").read_bytes()
    data = json.loads(shipped.decode().removeprefix("globalThis.kbSearchIndex=").rstrip(";\n"))
    words = zipped(f"{data['words']} {data['places']}".encode())
    print("| Form of the word index | gzip bytes | ms to a usable engine |\n| --- | --- | --- |")
    print(f"| our form, read into MiniSearch's | {words:,} | {forms['ours']:.0f} |")
    print(f"| MiniSearch's own JSON | {zipped(forms['written'].encode()):,} | {forms['stored']:.0f} |")
    print(f"| words of each document, added in the browser | {zipped(forms['documents'].encode()):,} | {forms['added']:.0f} |\n")

    print("| What | Measured | Limit |\n| --- | --- | --- |")
    print(f"| index, gzip (raw) | {zipped(shipped):,} bytes ({len(shipped):,}) | 100,000 |")
    scripts = [path for path in sorted((SITE / "_static/search").glob("*.js")) if path.name != "index.js"]
    print(f"| scripts of the search, gzip | {sum(zipped(path.read_bytes()) for path in scripts):,} bytes in {len(scripts)} files | |")
    server, address = served(SITE)
    context = browser.new_context()
    page = context.new_page()
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(zipped(response.body())))
    page.goto(f"{address}/search.html?q=can+I+drive+home", wait_until="networkidle")
    context.close()
    print(f"| first search, page and all, gzip | {sum(sizes):,} bytes in {len(sizes)} requests | 16 requests |")
    for name, where in (("from a server", address), ("from a folder", SITE.as_uri())):
        times = waiting(browser, f"{where}/search.html?q=can+I+drive+home", "#kb-search-results a", repetitions)
        said = f"median {statistics.median(times):.0f} ms of {repetitions}, best {min(times):.0f}, worst {max(times):.0f}"
        print(f"| first result {name}, from the start of the navigation | {said} | |")
    times = waiting(browser, f"{SITE.as_uri()}/search.html", "#kb-search-status", repetitions)
    print(
        f"| for comparison: the same page from a folder, without a question | median {statistics.median(times):.0f} ms of {repetitions} | |"
    )
    times = using(browser, repetitions)
    said = f"median {statistics.median(times):.0f} ms of {repetitions}, best {min(times):.0f}, worst {max(times):.0f}"
    print(f"| first result once the box of the open page is used | {said} | 200 ms |")
    server.shutdown()
    print(f"| one more question | median {statistics.median(took):.1f} ms, worst {max(took):.1f} | |")
    for family, listed in QUESTIONS.items():
        print(f"| right page first / among three: {family} ({len(listed)}) | {score(listed, found[family])} | 80% / 95% |")


def build_cost() -> None:
    """Seconds to make the index from the records of the last build."""
    import pickle

    from ketamine_kb.sphinxext.search import listed

    environment = pickle.loads((ROOT / "build/doctrees/environment.pickle").read_bytes())
    claims = list(load.load(here()).claims.values())
    records = environment.kb_search_records
    start = time.process_time()
    file = synonyms.read(here())[1]
    made = index.make([listed(name, f"{name}.html", record) for name, record in sorted(records.items())], claims, file, {})
    print(f"| making the index at the end of a build | {time.process_time() - start:.2f} s of processor time, {made.counts} | |\n")


def pagefind(browser: Browser) -> None:
    """The same questions to Pagefind."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "site"
        shutil.copytree(SITE, copy)
        # Its policy would refuse WebAssembly; the comparison is about what is found.
        for path in copy.rglob("*.html"):
            path.write_text(path.read_text(encoding="utf-8").replace("Content-Security-Policy", "x-was-policy"), encoding="utf-8")
        start = time.perf_counter()
        command = [sys.executable, "-m", "pagefind", "--site", str(copy), "--root-selector", "article"]
        subprocess.run(command, check=True, capture_output=True)
        built = time.perf_counter() - start
        files = [path for path in (copy / "pagefind").rglob("*") if path.is_file()]
        server, address = served(copy)
        context = browser.new_context()
        page = context.new_page()
        sizes: list[int] = []
        page.goto(f"{address}/faq.html")
        page.on("response", lambda response: sizes.append(len(response.body())))
        page.evaluate(PAGEFIND, ["can I drive home"])
        first, requests = sum(sizes), len(sizes)
        found = {family: page.evaluate(PAGEFIND, [question["ask"] for question in listed]) for family, listed in QUESTIONS.items()}
        page.goto((copy / "faq.html").as_uri())
        module = (copy / "pagefind/pagefind.js").as_uri()
        opens = page.evaluate("address => import(address).then(() => 'works', () => 'the browser refuses to load it')", module)
        context.close()
        server.shutdown()
    print("| Pagefind | Measured |\n| --- | --- |")
    print(f"| its files | {len(files)} files, built in {built:.1f} s |")
    print(f"| first search, without the page | {first:,} bytes in {requests} requests |")
    for family, listed in QUESTIONS.items():
        print(f"| right page first / among three: {family} | {score(listed, found[family])} |")
    print(f"| from a folder | {opens} |")


def main() -> None:
    """Print the tables."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print(f"{os.cpu_count()} processors, load at the start {os.getloadavg()[0]:.1f}\n")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        ours(browser, repetitions)
        build_cost()
        if importlib.util.find_spec("pagefind"):
            pagefind(browser)
        browser.close()


if __name__ == "__main__":
    main()
