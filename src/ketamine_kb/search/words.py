"""From text to the words that are searched. ``sphinxext/static/search/engine.js`` does the same to a question; a test compares them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import snowballstemmer

#: Words that nearly every sentence has, whole questions above all. They are left out of the index and of questions.
#: Words that can be a subject ("help", "work", "home", "safe", "long", "before") are not among them.
STOP_WORDS = frozenset(
    """
    a abbreviation abbreviations about acronym acronyms actually after afterward afterwards again all already also although always am an
    and any anybody anyone anything are arent around as at b be because been being both but by c came can cannot cant compare compared
    comparing comparison could couldnt d define defined defines definition definitions did didnt differ difference differences different
    do does doesnt doing done dont e each either else especially etc even ever every everybody everyone everything exactly explain
    explained f for from g get gets getting give gives go goes going gonna got h had hadnt happen happened happening happens has hasnt
    have havent having he hed her here hers herself hes hi him himself his how hows i id if ill im in info information instead into is
    isnt it its itself ive j just k kind know l later let lets like m make makes many may maybe me mean meaning meanings means might
    mine more most much must my myself n need needs no nor not now o of off oh ok okay on once one only or other others ought our ours
    out over own p people perhaps person please possible q quite r rather re really s said same say says see seem seems shall she shes
    should shouldnt show since so some somebody someone something sometimes stand stands still such t tell than thanks that thats the
    their them themselves then there theres these they theyre theyve thing things think this those though through to told too u under
    until up ur us use used using usually v versus very via vs w wanna want wants was wasnt way we were weve what whatever whats when
    whenever where wheres whether which while who whoever whole whom whos whose why will with without wont would wouldnt x y yes yet you
    youd youll your youre yours yourself youve z
    """.split()
)
_APOSTROPHE = re.compile(r"['’ʼ`´]s\b|['’ʼ`´]")
_WORD = re.compile(r"[a-z0-9]+(?:[-‐‑/*+.][a-z0-9]+)*")
_PART = re.compile(r"[a-z0-9]+")


def tokens(text: str) -> list[str]:
    """The words of a text, lower case, without accents; of a compound such as ``half-life`` its parts, then the whole in one."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(letter))
    found: list[str] = []
    for word in _WORD.findall(_APOSTROPHE.sub("", plain)):
        parts = _PART.findall(word)
        found += parts
        if len(parts) > 1 and len(word) <= 24:
            found.append("".join(parts))
    return found


@cache
def stem(word: str) -> str:
    """The stem of a word by Porter's rules of 1980; numbers and one- or two-letter words stay as they are.

    Snowball's newer English rules change between releases: the script that Sphinx 9.0.4 ships and the Python package disagree on a few.
    """
    return word if len(word) < 3 or word[0].isdigit() else str(_stemmer().stemWord(word))


@cache
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("porter")


def terms(text: str, *, all_words: bool = False) -> list[str]:
    """The stems of a text that are searched.

    :param all_words: also stop words and bare numbers, for comparing phrases.
    """
    if all_words:
        return [stem(word) for word in tokens(text)]
    return [stem(word) for word in tokens(text) if len(word) > 1 and word not in STOP_WORDS and not (word.isdigit() and len(word) != 4)]
