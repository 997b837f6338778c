"""Front matter that passes every check, for pages of tests."""

from __future__ import annotations

MATTER = """\
---
description: "A page about how things work, long enough to pass the check."
audience: [patient]
evidence_checked: 2026-01-01
review_by: 2027-01-01
clinical_reviewers: []
---
"""
