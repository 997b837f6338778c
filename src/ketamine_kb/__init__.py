"""The machinery of *How Ketamine Works*: facts, checks, diagrams, the Sphinx extension and the PDF writer."""

__version__ = "0.1.0"
