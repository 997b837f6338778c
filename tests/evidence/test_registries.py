"""What Crossref and PubMed answer, replayed by a local server, and that no answer does harm or takes for ever."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.evidence import registries
from ketamine_kb.evidence.registries import (
    MAX_ANSWER_BYTES,
    MAX_NOTICES,
    MAX_TEXT,
    Client,
    Kind,
    NotFound,
    Notice,
    Record,
    Settings,
    Unanswered,
    crossref_record,
    pubmed_record,
)
from tests.evidence.registry_server import TITLE, Server, agency, no_summary, reference, serving, summary, update, work

DOI, PMID = "10.1000/xyz", "34321660"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def quick(base: str, **more: Any) -> Settings:
    """Settings for a server next door."""
    usual = Settings(
        bases={"crossref": base, "pubmed": base},
        rates={"crossref": 1000.0, "pubmed": 1000.0},
        limit=10,
        patience=1.2,
        silence=0.7,
        tries=2,
        pause=0.01,
        longest_wait=1.5,
    )
    return replace(usual, **more)


def ask(server: Server, answer: Any, registry: str = "crossref", **more: Any) -> Record | NotFound | Unanswered:
    identifier = DOI if registry == "crossref" else PMID
    server.answers[identifier] = answer
    with Client(quick(server.url, **more)) as client:
        return client.ask(registry, identifier)


def test_a_plain_work_of_crossref(server: Server) -> None:
    assert ask(server, (200, work())) == Record((TITLE,), (2021,))
    assert server.agents == {registries.USER_AGENT}
    assert "@" not in registries.USER_AGENT
    assert "http" not in registries.USER_AGENT


def test_a_plain_summary_of_pubmed(server: Server) -> None:
    assert ask(server, (200, summary(pubdate="2022 Jan")), "pubmed") == Record((TITLE,), (2022, 2021))


@pytest.mark.parametrize("doi", ["10.1000/a/b(c)<d>;e", "10.1000/#?%2F&x=1", "10.1000/../../evil", "10.1000/ß"])
def test_every_sign_of_a_doi_reaches_the_registry(server: Server, doi: str) -> None:
    server.answers[doi] = (200, work(doi))
    with Client(quick(server.url)) as client:
        assert client.ask("crossref", doi) == Record((TITLE,), (2021,))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("retraction", Kind.RETRACTION),
        ("withdrawal", Kind.RETRACTION),
        ("removal", Kind.RETRACTION),
        ("expression_of_concern", Kind.CONCERN),
        ("correction", Kind.CORRECTION),
        ("erratum", Kind.CORRECTION),
        ("corrigendum", Kind.CORRECTION),
        ("partial_retraction", Kind.CORRECTION),
        ("a new word", Kind.CORRECTION),
        ("new_version", Kind.OTHER),
    ],
)
def test_what_updated_by_means(kind: str, expected: Kind) -> None:
    record = crossref_record(work(by=[update(kind, source="retraction-watch")]), DOI)
    assert isinstance(record, Record)
    assert record.notices == (Notice(expected, f"{kind.replace('_', ' ')} 10.1000/notice (retraction-watch)"),)


def test_the_gravest_notice_comes_first() -> None:
    both = [update("correction", "10.1016/s0140-6736(04)15715-2"), update("retraction", "10.1016/s0140-6736(10)60175-4")]
    record = crossref_record(work(title=f"RETRACTED: {TITLE}", by=both), DOI)
    assert isinstance(record, Record)
    assert [notice.kind for notice in record.notices] == [Kind.RETRACTION, Kind.RETRACTION, Kind.CORRECTION]
    assert record.titles == (TITLE,)


def test_a_work_that_updates_another_is_a_notice_itself() -> None:
    record = crossref_record(work(to=[update("retraction", "10.1000/other")]), DOI)
    assert isinstance(record, Record)
    assert record.notices == (Notice(Kind.CORRECTION, "is itself a notice: retraction 10.1000/other (publisher)"),)


def test_a_notice_that_took_the_place_of_the_paper() -> None:
    record = crossref_record(work(to=[update("retraction", DOI.upper())]), DOI)
    assert isinstance(record, Record)
    assert record.notices[0].kind is Kind.RETRACTION


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("is-retracted-by", Kind.RETRACTION),
        ("has-correction", Kind.CORRECTION),
        ("is-preprint-of", Kind.OTHER),
        ("is-replaced-by", Kind.OTHER),
        ("has-review", None),
        ("is-correction-of", None),
        ("is-comment-on", None),
    ],
)
def test_what_a_relation_means(name: str, expected: Kind | None) -> None:
    related = {name: [{"id-type": "doi", "id": "10.1000/other", "asserted-by": "object"}]}
    record = crossref_record(work(relation=related), DOI)
    assert isinstance(record, Record)
    wanted = () if expected is None else (Notice(expected, f"{name.replace('-', ' ')} 10.1000/other"),)
    assert record.notices == wanted


@pytest.mark.parametrize("start", ["RETRACTED: ", "RETRACTED ARTICLE: ", "Withdrawn: ", "[Retracted] ", "Retracted — "])
def test_a_mark_before_the_title_is_a_retraction(start: str) -> None:
    record = crossref_record(work(title=start + TITLE), DOI)
    assert isinstance(record, Record)
    assert (record.titles, [notice.kind for notice in record.notices]) == ((TITLE,), [Kind.RETRACTION])


@pytest.mark.parametrize("title", ["Retracted papers in psychiatry", "Withdrawn children: a survey", "Drugs withdrawn: a review"])
def test_a_title_about_retraction_is_none(title: str) -> None:
    record = crossref_record(work(title=title), DOI)
    assert isinstance(record, Record)
    assert (record.titles, record.notices) == ((title,), ())


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"pubtype": ["Journal Article", "Retracted Publication"]}, Kind.RETRACTION),
        ({"references": [reference("Retraction in")]}, Kind.RETRACTION),
        ({"references": [reference("Comment in"), reference("Expression of concern in")]}, Kind.CONCERN),
        ({"references": [reference("Erratum in", "")]}, Kind.CORRECTION),
        ({"references": [reference("Corrected and republished in")]}, Kind.CORRECTION),
        ({"pubtype": ["Published Erratum"]}, Kind.CORRECTION),
        ({"references": [reference("Update in")]}, Kind.OTHER),
    ],
)
def test_what_pubmed_says_of_a_paper(more: dict[str, Any], expected: Kind) -> None:
    record = pubmed_record(summary(**more), PMID)
    assert isinstance(record, Record)
    assert [notice.kind for notice in record.notices] == [expected]


@pytest.mark.parametrize("kind", ["Comment in", "Erratum for", "Retraction of", "Cites", ""])
def test_what_pubmed_says_of_other_papers_means_nothing(kind: str) -> None:
    record = pubmed_record(summary(references=[reference(kind)]), PMID)
    assert isinstance(record, Record)
    assert record.notices == ()


def test_titles_are_read_as_a_reader_sees_them() -> None:
    record = crossref_record(work(title="Ca<sup>2+</sup> &amp; <i>N</i>-methyl\n &lt;b&gt;x\x1b[31m", subtitle=["A  trial"]), DOI)
    assert isinstance(record, Record)
    assert record.titles == ("Ca2+ & N-methyl x [31m", "Ca2+ & N-methyl x [31m: A trial")
    translated = pubmed_record(summary(title="[A title in French].", vernaculartitle="Un titre."), PMID)
    assert isinstance(translated, Record)
    assert translated.titles == ("A title in French", "Un titre.")


def test_unknown_identifiers(server: Server) -> None:
    assert ask(server, (404, b"Resource not found.")) == NotFound("no such DOI")
    assert server.asked == {DOI: 1, f"{DOI}/agency": 1}
    assert ask(server, (200, no_summary(PMID)), "pubmed") == NotFound("no such PMID")
    invalid = {"header": {}, "esummaryresult": ["Invalid uid 34321660 at position= 0"]}
    assert ask(server, (200, invalid), "pubmed") == NotFound("no such PMID")


def test_a_doi_of_another_agency_is_not_a_wrong_one(server: Server) -> None:
    server.answers[f"{DOI}/agency"] = (200, agency("DataCite"))
    assert ask(server, (404, b"Resource not found.")) == Unanswered("registered at DataCite, which is not asked")
    server.answers[f"{DOI}/agency"] = (200, agency("Crossref"))
    assert ask(server, (404, b"")) == NotFound("no such DOI")
    server.answers[f"{DOI}/agency"] = (500, b"")
    assert ask(server, (404, b"")) == Unanswered("not at Crossref, and whether another agency has it was not told: answered 500")
    server.answers[f"{DOI}/agency"] = (200, {"message": 7})
    assert isinstance(ask(server, (404, b"")), Unanswered)


HOSTILE = [
    ((200, b"<!DOCTYPE html><p>Service unavailable"), "a page instead of JSON"),
    ((200, b'  <?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "a page instead of JSON"),
    ((200, b'{"message": {"title": ['), "an answer that is not valid JSON"),
    ((200, b""), "an answer that is not valid JSON"),
    ((200, b"\xff\xfe\x00"), "an answer that is not valid JSON"),
    ((200, b"[" * 200_000), "an answer that is not valid JSON"),
    ((200, b"9" * 10_000), "an answer that is not valid JSON"),
    ((200, b" " * (MAX_ANSWER_BYTES + 1)), f"an answer of more than {MAX_ANSWER_BYTES} bytes"),
    ((500, b"oops"), "answered 500"),
    ((503, b""), "answered 503"),
    ((403, b""), "answered 403"),
    ((204, b""), "answered 204"),
    ("busy", "answered 429"),
    ("busy 0", "answered 429"),
    ("busy 86400", "answered 429 and asked to wait 86400 seconds"),
    ("busy 99999999999999999999", "answered 429"),
    ("busy soon", "answered 429"),
    ("to https://example.org/", "redirected to another server"),
    ("to file:///etc/passwd", "redirected to another server"),
    ("to http://[", "an answer that cannot be read (ValueError)"),
    (f"to /works/{DOI}", "redirected too often"),
    ("break", "the connection broke"),
    ("endless", f"an answer of more than {MAX_ANSWER_BYTES} bytes"),
    ("hang", "no byte for 1 seconds"),
    ("drip", "no whole answer within 1 seconds"),
    ("drip headers", "no whole answer within 1 seconds"),
]


@pytest.mark.parametrize(("answer", "reason"), HOSTILE, ids=[str(answer)[:40] for answer, _ in HOSTILE])
def test_a_hostile_answer_is_no_answer(server: Server, answer: Any, reason: str) -> None:
    started = time.monotonic()
    assert ask(server, answer) == Unanswered(reason)
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    "data",
    [None, 7, "text", [], {}, {"message": None}, {"message": []}, {"message": {}}, {"result": {PMID: 7}}, {"result": [PMID]}],
)
def test_an_answer_of_another_form(server: Server, data: Any) -> None:
    for registry, name in (("crossref", "Crossref"), ("pubmed", "PubMed")):
        answer = ask(server, (200, data), registry)
        wanted: list[Any] = [Unanswered(f"an answer of another form than {name} describes"), Record((), ())]
        assert answer in wanted


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    *("title", "subtitle", "original-title", "issued", "published-print", "updated-by", "update-to", "relation"),
    *("pubtype", "references", "pubdate", "vernaculartitle", "error"),
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_no_type_brings_the_reading_down(fields: dict[str, Any]) -> None:
    for answer in (crossref_record({"message": fields}, DOI), pubmed_record({"result": {PMID: fields}}, PMID)):
        if isinstance(answer, Record):
            assert all(title.isprintable() and len(title) <= 2 * MAX_TEXT + 2 for title in answer.titles)
            assert all(notice.words.isprintable() for notice in answer.notices)
            assert len(answer.notices) <= MAX_NOTICES


def test_an_answer_without_end_is_kept_small() -> None:
    many = [update("correction", f"10.1000/{number}") for number in range(5000)]
    record = crossref_record(work(title="x" * 100_000, by=[*many, update("retraction")]), DOI)
    assert isinstance(record, Record)
    assert len(record.notices) == MAX_NOTICES
    assert record.notices[0].kind is Kind.RETRACTION
    assert len(record.titles[0]) == MAX_TEXT


def test_a_busy_server_is_asked_again_when_it_said(server: Server) -> None:
    for form in ("1", ""):
        moment = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2), usegmt=True)
        busy = f"busy {form or moment}"
        server.moments.clear()
        assert ask(server, [busy, (200, work())], longest_wait=3) == Record((TITLE,), (2021,))
        first, second = server.moments
        assert 0.8 < second - first < 6


def test_the_wait_doubles(server: Server) -> None:
    ask(server, (500, b""), tries=4, pause=0.05)
    gaps = [later - earlier for earlier, later in zip(server.moments, server.moments[1:], strict=False)]
    assert len(gaps) == 3
    assert sum(gaps) > 0.3, "0.05, then 0.1, then 0.2"


def test_redirects_on_one_server_are_followed(server: Server) -> None:
    server.answers["10.1000/new"] = (200, work())
    assert ask(server, "to /works/10.1000%2Fnew") == Record((TITLE,), (2021,))


def test_the_rate_is_kept(server: Server) -> None:
    server.answers.update({f"10.1000/{number}": (200, work()) for number in range(5)})
    with Client(quick(server.url, rates={"crossref": 20.0, "pubmed": 20.0})) as client:
        for number in range(5):
            client.ask("crossref", f"10.1000/{number}")
    assert server.moments[-1] - server.moments[0] > 0.15


def test_the_usual_rate_is_polite() -> None:
    assert max(Settings().rates.values()) <= 5
    assert Settings().rates["pubmed"] <= 3


def test_a_registry_that_never_answers_is_given_up(server: Server) -> None:
    server.answers.update({f"10.1000/{number}": "busy" for number in range(9)} | {PMID: (200, summary())})
    with Client(quick(server.url, refusals=3)) as client:
        answers = [client.ask("crossref", f"10.1000/{number}") for number in range(9)]
        assert isinstance(client.ask("pubmed", PMID), Record)
    assert answers[:3] == [Unanswered("answered 429")] * 3
    assert answers[3:] == [Unanswered("Crossref gave no answer 3 times in a row and was not asked again")] * 6
    assert sum(server.asked.values()) == 3 * 2 + 1


def test_the_whole_run_has_an_end(server: Server) -> None:
    server.answers[DOI] = "drip headers"
    started = time.monotonic()
    with Client(quick(server.url, limit=0.6, patience=30, silence=10, refusals=99)) as client:
        answers = [client.ask("crossref", DOI) for _ in range(50)]
    assert time.monotonic() - started < 3
    assert answers[-1] == Unanswered("not asked within the 0.6 seconds of the whole run")


def test_no_network_is_told_at_once() -> None:
    with Client(quick("http://127.0.0.1:9", tries=5, pause=60)) as client:
        started = time.monotonic()
        assert client.ask("crossref", DOI) == Unanswered("no connection", offline=True)
        assert client.ask("pubmed", PMID) == Unanswered("no connection", offline=True)
        assert time.monotonic() - started < 3
        assert not client.reached


def test_the_replayed_answers_are_json() -> None:
    for shape in (work(), summary(), no_summary(PMID), agency("DataCite")):
        assert json.loads(json.dumps(shape)) == shape
