"""Print: doctree to Typst to tagged PDF."""
