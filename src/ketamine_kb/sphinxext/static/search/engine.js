// The ranking of the search, without a page: words of a question, their synonyms and likely spellings, and what fits them best.
// MiniSearch (minisearch.min.js) scores one word against all documents; this file joins the scores of words, and of documents to pages.
(() => {
  "use strict";

  const MOST_LETTERS = 200;
  const FIELDS = ["title", "plain", "text"];
  // How much a word counts in each field, and how much each kind of document counts for its page.
  const BOOST = { title: 2.2, plain: 1.3, text: 1 };
  const WEIGHT = { page: 1.6, topic: 2, section: 1, claim: 0.45, term: 0.5 };
  const LATER = [1, 0.45, 0.25]; // the second and third best section of a page
  const TOPIC_ORDER = [1, 0.72, 0.55]; // the second and third page of a line in the A to Z
  const LEAST = 0.12; // pages that fit less than this share of the best are not shown
  const SURE = [1.15, 1.1, 1, 0.95, 0.85]; // of two claims that fit alike, the surer first
  const SYNONYM = 0.95;
  const PHRASE = 0.7; // the words of a phrase that means something else than its words
  const PART = 0.4; // one word of a term of several words
  const GUESS = 0.75;
  const RANK = [0.45, 0.85, 1]; // lists and logs, pages on many subjects, pages on one

  // -- words, as search/words.py makes them -------------------------------------------------------------------------------

  const tokens = (text) => {
    const plain = text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/['’ʼ`´]s\b|['’ʼ`´]/g, "");
    const found = [];
    for (const word of plain.match(/[a-z0-9]+(?:[-‐‑/*+.][a-z0-9]+)*/g) || []) {
      const parts = word.match(/[a-z0-9]+/g);
      for (const part of parts) found.push({ word: part, whole: false });
      if (parts.length > 1 && word.length <= 24) found.push({ word: parts.join(""), whole: true });
    }
    return found;
  };

  const stemmer = new PorterStemmer();
  const stems = new Map();
  const stem = (word) => {
    if (word.length < 3 || /^[0-9]/.test(word)) return word;
    if (!stems.has(word)) stems.set(word, stemmer.stemWord(word));
    return stems.get(word);
  };

  // -- the index, as search/index.py writes it ----------------------------------------------------------------------------

  // The anchor of a heading, where the index ships none.
  const anchorOf = (title) => title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^[-0-9]+|-+$/g, "");

  // The index in MiniSearch's own written form. It is put together as text because reading text is several times as fast as filling
  // as many small objects; "seen" tells in how many documents each word stands.
  const load = (data) => {
    const count = data.documents;
    const lengths = FIELDS.map(() => new Uint16Array(count));
    const once = Array.from({ length: count }, (_, number) => `,"${number}":1`);
    const places = data.places.split(" ");
    const seen = new Map();
    const lastMet = new Int32Array(count).fill(-1);
    let before = "";
    const index = data.words.split(" ").map((written, at) => {
      const term = before.slice(0, parseInt(written[0], 36)) + written.slice(1);
      before = term;
      const listed = places[at];
      let documents = 0, field = -1, last = -1, high = 0, text = "", start = true;
      for (let letter = 0; letter < listed.length; letter += 1) {
        const code = listed.charCodeAt(letter);
        if (field < 0) {
          field = code - 48;
          text += `${text ? "}," : ""}"${field}":{`;
          start = true;
        } else if (code === 59) {
          field = last = -1;
        } else if (code >= 65 && code <= 90) {
          high = high * 26 + code - 65;
        } else {
          last += 36 * high + (code >= 97 ? code - 87 : code - 48) + 1;
          high = 0;
          lengths[field][last] += 1;
          if (lastMet[last] !== at) {
            lastMet[last] = at;
            documents += 1;
          }
          text += start ? once[last].slice(1) : once[last];
          start = false;
        }
      }
      seen.set(term, documents);
      return `["${term}",{${text}}}]`;
    });
    const averages = lengths.map((of) => {
      const present = of.filter((length) => length > 0);
      return present.reduce((sum, length) => sum + length, 0) / (present.length || 1);
    });
    const numbers = Array.from({ length: count }, (_, number) => number);
    const written = `{"documentCount":${count},"nextId":${count},"dirtCount":0,"serializationVersion":2,"storedFields":{},`
      + `"documentIds":{${numbers.map((number) => `"${number}":${number}`).join(",")}},`
      + `"fieldIds":${JSON.stringify(Object.fromEntries(FIELDS.map((name, number) => [name, number])))},`
      + `"fieldLength":{${numbers.map((number) => `"${number}":[${lengths.map((of) => of[number]).join(",")}]`).join(",")}},`
      + `"averageFieldLength":${JSON.stringify(averages)},"index":[${index.join(",")}]}`;
    const options = { fields: FIELDS, tokenize: (text) => [text], processTerm: (term) => term, searchOptions: { boost: BOOST } };
    return { engine: MiniSearch.loadJSON(written, options), seen };
  };

  // -- the search ----------------------------------------------------------------------------------------------------------

  class Search {
    constructor(data) {
      this.data = data;
      ({ engine: this.engine, seen: this.seen } = load(data));
      this.stop = new Set(data.stop.split(" "));
      // First number of each kind of document.
      const kinds = ["pages", "sections", "claims", "terms", "topics"];
      let first = 0;
      this.first = {};
      for (const kind of kinds) {
        this.first[kind] = first;
        first += data[kind].length;
      }
      this.said = new Map();
      this.longest = 1;
      const sayings = [];
      for (const [said, means] of data.synonyms) {
        for (const saying of said.split("|")) {
          this.said.set(saying, means.split("|"));
          this.longest = Math.max(this.longest, saying.split(" ").length);
          if (!saying.includes(" ")) sayings.push({ id: saying, word: saying });
        }
      }
      // A term of several words is looked for as one.
      this.names = new Set();
      for (const name of data.phrases.split("|")) {
        if (name && !this.said.has(name)) {
          this.said.set(name, [name]);
          this.names.add(name);
        }
        this.longest = Math.max(this.longest, name.split(" ").length);
      }
      // "My heart is racing" says what "heart racing" says. Not so in danger: there only the very words count.
      this.spoken = new Map();
      const alarming = new Set(data.first.flatMap(([said]) => said.split("|")));
      for (const [saying, means] of this.said) {
        const kept = saying.split(" ").filter((word) => !this.stop.has(word));
        if (kept.length > 1 && !alarming.has(saying) && !this.said.has(kept.join(" "))) this.spoken.set(kept.join(" "), means);
      }
      this.urgent = new Map();
      for (const [said, page] of data.first) for (const saying of said.split("|")) this.urgent.set(saying, page);
      this.spelling = new MiniSearch({ fields: ["word"], tokenize: (text) => [text], processTerm: (term) => term });
      this.spelling.addAll(sayings);
    }

    // Units of a question: each a list of alternatives {terms, weight}, of which the best counts.
    units(question) {
      const words = tokens(question.slice(0, MOST_LETTERS)).map((token) => ({ ...token, stem: stem(token.word) }));
      const units = this.unitsOf(words);
      // A question of common words only, such as "what is it", is still looked for.
      return units.length ? units : this.unitsOf(words, new Set());
    }

    unitsOf(words, stop = this.stop) {
      const units = [];
      let at = 0;
      while (at < words.length) {
        const phrase = this.phrase(words, at, stop);
        if (phrase) {
          units.push(phrase.unit);
          at += phrase.length;
          continue;
        }
        const { word, stem: term, whole } = words[at];
        at += 1;
        if (stop.has(word) || word.length < 2 || (whole && !this.seen.has(term))) continue;
        const unit = this.unit(word, term);
        if (unit) units.push(unit);
      }
      return units;
    }

    // The longest saying of the synonyms, or two words that the pages write as one, that starts here.
    phrase(words, at, stop) {
      for (let length = Math.min(this.longest, words.length - at); length >= 1; length -= 1) {
        const part = words.slice(at, at + length);
        if (length === 1 && stop.has(part[0].word)) break;
        const means = this.said.get(part.map((one) => one.stem).join(" "));
        if (means) return { length, unit: this.meant(part, means) };
      }
      const spoken = this.between(words, at);
      for (let length = spoken.length; length > 1; length -= 1) {
        const part = spoken.slice(0, length).map((next) => words[next]);
        const said = part.map((one) => one.stem).join(" ");
        const means = this.spoken.get(said) || (!this.urgent.has(said) && this.said.get(said));
        if (means) return { length: spoken[length - 1] + 1 - at, unit: this.meant(part, means, false) };
      }
      if (at + 1 < words.length && !words[at + 1].whole) {
        const joined = stem(words[at].word + words[at + 1].word);
        if (joined.length >= 6 && this.seen.has(joined) && !(this.stop.has(words[at].word) && this.stop.has(words[at + 1].word))) {
          const apart = [words[at], words[at + 1]].filter((one) => !this.stop.has(one.word) && this.seen.has(one.stem)).map((one) => one.stem);
          const both = apart.length ? [{ terms: apart, weight: PHRASE }] : [];
          return { length: 2, unit: this.weighed([{ terms: [joined], weight: 1 }, ...both]) };
        }
      }
      return null;
    }

    // Places of the words from here on that say something, as many as the longest saying has.
    between(words, at) {
      if (this.stop.has(words[at].word)) return [];
      const places = words.map((_, place) => place).slice(at);
      return places.filter((place) => !words[place].whole && !this.stop.has(words[place].word)).slice(0, this.longest);
    }

    // A saying as a unit: its own words, and what it means.
    meant(part, means, exact = true) {
      const urgent = exact ? this.urgent.get(part.map((one) => one.stem).join(" ")) : undefined;
      const own = part.filter((one) => !this.stop.has(one.word) && this.seen.has(one.stem)).map((one) => one.stem);
      const alternatives = means.map((meaning) => ({ terms: meaning.split(" ").filter((term) => this.seen.has(term)), weight: SYNONYM }));
      const apart = this.names.has(means[0]) ? PART : PHRASE;
      if (own.length) alternatives.unshift({ terms: own, weight: part.length > 1 ? apart : 1 });
      return { ...this.weighed(alternatives), urgent };
    }

    unit(word, term) {
      if (this.seen.has(term)) return this.weighed([{ terms: [term], weight: 1 }]);
      if (/^[0-9]+$/.test(word)) return null;
      const alternatives = [];
      if (term.length >= 3) {
        for (const known of this.begun(term)) alternatives.push({ terms: [known], weight: 0.9 });
      }
      if (!alternatives.length && term.length >= 4) {
        const spelled = this.spelled(term);
        for (const [near, weight] of spelled) {
          for (const meaning of this.said.get(near) || []) alternatives.push({ terms: meaning.split(" "), weight: weight * SYNONYM });
          if (this.seen.has(near)) alternatives.push({ terms: [near], weight });
        }
        if (!spelled.length) {
          for (let cut = 3; cut <= word.length - 3; cut += 1) {
            const halves = [stem(word.slice(0, cut)), stem(word.slice(cut))];
            if (halves.every((half) => this.seen.has(half))) alternatives.push({ terms: halves, weight: GUESS });
          }
        }
      }
      return this.weighed(alternatives.length ? alternatives : [{ terms: [], weight: 0 }]);
    }

    // Known words that begin like this one, as "mtor" for "mtorc1".
    begun(term) {
      const found = [];
      for (const known of this.seen.keys()) {
        if (known.startsWith(term) && known.length - term.length <= 3) found.push(known);
      }
      return found.slice(0, 4);
    }

    // Known words that are spelled nearly so, the nearest first, each with a weight.
    spelled(term) {
      const most = term.length >= 8 ? 2 : 1;
      const options = { fuzzy: most, prefix: false };
      const near = new Set();
      for (const engine of [this.engine, this.spelling]) {
        for (const hit of engine.search(term, options)) for (const known of hit.terms) near.add(known);
      }
      const rated = [...near].map((known) => [known, distance(term, known)]);
      const least = Math.min(...rated.map(([, steps]) => steps));
      return rated.filter(([known, steps]) => steps === least && known[0] === term[0] || steps === 1)
        .sort((one, other) => one[1] - other[1] || (one[0] < other[0] ? -1 : 1)).slice(0, 5)
        .map(([known, steps]) => [known, GUESS / steps]);
    }

    // A rare word says more than a common one.
    weighed(alternatives) {
      const rarity = (term) => Math.log(1 + this.data.documents / (this.seen.get(term) || 1));
      const used = alternatives.filter((one) => one.terms.length);
      const weights = used.map((one) => Math.max(...one.terms.map(rarity)));
      return { alternatives: used, weight: weights.length ? Math.max(weights[0], 1) : 4 };
    }

    // Score of every document for every unit.
    scores(units) {
      const all = new Map();
      const needed = units.reduce((sum, unit) => sum + unit.weight, 0) || 1;
      units.forEach((unit, number) => {
        const best = new Map();
        unit.alternatives.forEach(({ terms, weight }, rank) => {
          const query = { combineWith: rank === 0 || terms.length === 1 ? "OR" : "AND", queries: terms };
          for (const hit of this.engine.search(query)) {
            const whole = terms.length > 1 ? hit.queryTerms.length / terms.length : 1;
            best.set(hit.id, Math.max(best.get(hit.id) || 0, hit.score * weight * whole));
          }
        });
        for (const [id, score] of best) {
          const sum = all.get(id) || { score: 0, met: 0, units: new Set() };
          sum.score += score;
          sum.met += unit.weight / needed;
          sum.units.add(number);
          all.set(id, sum);
        }
      });
      for (const sum of all.values()) sum.score *= sum.met;
      return all;
    }

    // What fits a question: pages with their best sections, claims and terms, each list with the best first.
    find(question) {
      const units = this.units(question);
      const all = this.scores(units);
      const { data, first } = this;
      const needed = units.reduce((sum, unit) => sum + unit.weight, 0) || 1;
      const of = (kind) => data[kind].map((_, number) => all.get(first[kind] + number));
      const found = { pages: of("pages"), sections: of("sections"), claims: of("claims"), terms: of("terms"), topics: of("topics") };

      const pages = data.pages.map((_, number) => ({ number, score: 0, units: new Set(), sections: [], topic: 0, claims: [], term: 0 }));
      const meet = (page, sum) => sum.units.forEach((unit) => page.units.add(unit));
      found.pages.forEach((sum, number) => {
        if (!sum) return;
        pages[number].score += WEIGHT.page * sum.score;
        meet(pages[number], sum);
      });
      found.topics.forEach((sum, number) => {
        if (!sum) return;
        data.topics[number].forEach((page, order) => {
          pages[page].topic = Math.max(pages[page].topic, sum.score * (TOPIC_ORDER[order] || 0.5));
          meet(pages[page], sum);
        });
      });
      found.sections.forEach((sum, number) => {
        if (!sum) return;
        const page = pages[data.sections[number][0]];
        page.sections.push({ number, score: sum.score });
        meet(page, sum);
      });
      found.claims.forEach((sum, number) => {
        if (!sum) return;
        for (const page of new Set(data.claims[number][2].map((section) => data.sections[section][0]))) pages[page].claims.push(sum.score);
      });
      found.terms.forEach((sum, number) => {
        if (!sum) return;
        const page = pages[data.terms[number][0]];
        page.term = Math.max(page.term, sum.score);
        meet(page, sum);
      });
      const several = (scores) => scores.sort((one, other) => other - one).slice(0, 3).reduce((sum, score, at) => sum + score * LATER[at], 0);
      for (const page of pages) {
        page.sections.sort((one, other) => other.score - one.score || one.number - other.number);
        page.score += WEIGHT.topic * page.topic + WEIGHT.term * page.term;
        page.score += WEIGHT.section * several(page.sections.map((section) => section.score)) + WEIGHT.claim * several(page.claims);
        const met = [...page.units].reduce((sum, unit) => sum + units[unit].weight, 0) / needed;
        page.score *= (0.4 + 0.6 * met) * RANK[data.pages[page.number][3]];
      }
      const top = Math.max(1, ...pages.map((page) => page.score));
      for (const unit of units) if (unit.urgent !== undefined) pages[unit.urgent].score += 2 * top;
      const least = LEAST * Math.max(...pages.map((page) => page.score));
      const ranked = pages.filter((page) => page.score > 0 && page.score >= least).sort((one, other) => other.score - one.score || one.number - other.number);
      return { units, ranked, claims: this.answers(found.claims, pages, ranked), terms: this.glossary(found.terms) };
    }

    // Claims that fit, each with the section to read it in: of the sections that show it, the one whose page fits best.
    answers(sums, pages, ranked) {
      const top = ranked.length ? ranked[0].score : 1;
      const listed = [];
      sums.forEach((sum, number) => {
        if (!sum || sum.met < 0.4) return;
        const homes = this.data.claims[number][2];
        const home = homes.length ? homes.reduce((one, other) => (pages[this.data.sections[other][0]].score > pages[this.data.sections[one][0]].score ? other : one)) : -1;
        const fit = home < 0 ? 0 : pages[this.data.sections[home][0]].score / top;
        listed.push({ number, section: home, page: home < 0 ? -1 : this.data.sections[home][0], score: sum.score * (0.35 + 0.65 * fit) * SURE[this.data.claims[number][1]] });
      });
      listed.sort((one, other) => other.score - one.score || one.number - other.number);
      const best = new Set(ranked.slice(0, 3).map((page) => page.number));
      return listed.filter((claim) => (best.has(claim.page) || claim.page < 0) && claim.score >= 0.5 * listed[0].score);
    }

    glossary(sums) {
      const listed = [];
      sums.forEach((sum, number) => sum && listed.push({ number, score: sum.score, met: sum.met }));
      listed.sort((one, other) => other.score - one.score || one.number - other.number);
      return listed.filter((term) => term.met >= 0.5 && term.score >= 0.5 * listed[0].score);
    }

    // Addresses of the pages that fit, the best first: what the tests measure.
    addresses(question) {
      return this.find(question).ranked.map((page) => this.data.pages[page.number][0]);
    }

    // Stems that count as found, for marking words.
    marks(units) {
      return new Set(units.flatMap((unit) => unit.alternatives.flatMap((one) => one.terms)));
    }
  }

  // Levenshtein's distance.
  const distance = (one, other) => {
    let row = Array.from({ length: other.length + 1 }, (_, at) => at);
    for (let left = 1; left <= one.length; left += 1) {
      const next = [left];
      for (let right = 1; right <= other.length; right += 1) {
        const same = one[left - 1] === other[right - 1] ? 0 : 1;
        next.push(Math.min(next[right - 1] + 1, row[right] + 1, row[right - 1] + same));
      }
      row = next;
    }
    return row[other.length];
  };

  globalThis.kbSearch = { Search, tokens, stem, anchorOf };
})();
