"""Formulas as MathML: no script, no style, nothing of the text becomes markup."""

from __future__ import annotations

import re

from ketamine_kb.sphinxext.maths import mathml


def test_a_formula_is_mathml_without_a_style() -> None:
    inline, block = mathml(r"\frac{a}{b} < 1", as_block=False), mathml("x^2", as_block=True)
    assert inline.startswith("<math")
    assert "<mfrac>" in inline
    assert "&lt;" in inline
    assert 'display="block"' in block
    assert "<msup>" in block
    assert not re.search(r"\sstyle=|<script", inline + block)


def test_words_in_a_formula_stay_words() -> None:
    assert "<script" not in mathml(r"\text{<script>alert(1)</script>}", as_block=False)


def test_what_does_not_parse_is_shown_as_written() -> None:
    assert mathml(r"\nosuch{<b>}", as_block=False) == r"<code>\nosuch{&lt;b&gt;}</code>"
