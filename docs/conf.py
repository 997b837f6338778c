"""Sphinx configuration of *How Ketamine Works*. Every non-default has its reason beside it."""

from ketamine_kb import __version__

# -- Project ---------------------------------------------------------------------------------------------------------------

project = "How Ketamine Works"
author = "The How Ketamine Works contributors"
copyright = "2026, The How Ketamine Works contributors. Text: CC BY 4.0"
version = release = __version__
language = "en-GB"

# -- General ---------------------------------------------------------------------------------------------------------------

extensions = [
    "myst_parser",
    "sphinx_design",
    "sphinx.ext.doctest",
    "ketamine_kb.sphinxext",  # brings sphinxcontrib.mermaid and sphinxcontrib.bibtex
    "ketamine_kb.pdf",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates", "README.md", "_*.md", "**/_*.md"]
# Only what the checks of the sources read is a page: no reStructuredText, and no translation that replaces text after them.
source_suffix = {".md": "markdown"}
locale_dirs: list[str] = []
nitpicky = True  # a reference that leads nowhere is an error
root_doc = "index"
numfig = True  # "Figure 1" in captions, so that print and web can refer to the same picture
numfig_format = {"figure": "Figure %s", "table": "Table %s"}
today_fmt = ""  # no build date anywhere: two builds of one tree are the same bytes

# -- MyST ------------------------------------------------------------------------------------------------------------------

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
# Raw HTML would not print, and a pull request could carry a script in it.
myst_disable_syntax = ["html_block", "html_inline"]
myst_url_schemes = ["http", "https", "mailto", "tel"]

# -- Citations -------------------------------------------------------------------------------------------------------------

bibtex_bibfiles = ["../evidence/references.bib"]
bibtex_default_style = "sources"  # ketamine_kb.sphinxext.citations
bibtex_cite_id = "source-{key}"  # an address that stays when other sources come and go
bibtex_tooltips = False  # the whole entry in every link is up to half the weight of a page, and only a mouse can read it
bibtex_reference_style = "label"  # "[Zarate 2006]": a reader sees who and when without following the link

# -- Diagrams --------------------------------------------------------------------------------------------------------------

# Any other value makes sphinxcontrib-mermaid load a script from another host (2.1.1). The picture itself is drawn by
# ketamine_kb.sphinxext.mermaid, for every output.
mermaid_output_format = "svg"

# -- Doctest ---------------------------------------------------------------------------------------------------------------

# Only blocks that say they are doctests are run; the source check refuses ">>>" anywhere else.
doctest_test_doctest_blocks = ""

# -- Link check ------------------------------------------------------------------------------------------------------------

# Asked by ketamine_kb.checks.link_run; Sphinx only collects the links.
linkcheck_timeout = 20  # seconds without a byte
linkcheck_retries = 2
linkcheck_workers = 4  # hosts at one time; each host is asked one thing at a time
linkcheck_rate_limit_timeout = 60  # the longest wait that a host may ask for, in seconds
linkcheck_anchors = False  # several health sites build their anchors by script, so a missing one proves nothing
linkcheck_ignore: list[str] = []  # every entry needs a dated reason beside it; there is none yet
kb_linkcheck_limit = 1500  # seconds of the whole run
kb_linkcheck_refusals = 3  # refusals in a row after which a host is left alone
kb_linkcheck_pause = 1.0  # seconds between two requests to one host
kb_linkcheck_fresh = 24  # hours for which a link that worked is not asked again

# -- HTML ------------------------------------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_math_renderer = "kb-mathml"  # the others need a script from another host, or TeX
html_show_sphinx = False
html_use_index = False  # the index of an API; readers have the glossary
html_domain_indices = False
html_last_updated_fmt = None
html_permalinks_icon = "#"
# The frame of the pages is ours (_templates/layout.html): the theme's scripts, icon fonts and style sheet would weigh more than
# a page may. What the frame does not use is empty here, so that the theme does not render it.
html_theme_options = {
    "navbar_start": [],
    "navbar_center": [],
    "navbar_end": ["colour-choice"],
    "navbar_persistent": ["search-button"],
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "article_header_start": ["breadcrumbs", "reading-place"],
    "article_footer_items": ["page-status", "reading-foot"],
    "footer_start": ["site-footer"],
    "footer_center": [],
    "footer_end": [],
    "primary_sidebar_end": [],
    "search_bar_text": "Search this site",
    "icon_links": [],
    "use_edit_page_button": False,
}
html_sidebars = {"**": []}

# -- Print -----------------------------------------------------------------------------------------------------------------

# Pages for paper: for whom, and beside which pages each is offered.
kb_handouts = {
    "handouts/how-ketamine-may-work": {"reader": "patient", "beside": ["start", "start/patients", "mechanism/overview"]},
    "handouts/treatment-session": {"reader": "patient", "beside": ["treatment/session", "treatment/esketamine", "treatment/after"]},
    "handouts/questions-to-ask": {"reader": "patient", "beside": ["questions-to-ask", "treatment/who"]},
    "handouts/for-families": {"reader": "patient", "beside": ["start/families"]},
    "handouts/evidence-at-a-glance": {"reader": "clinician", "beside": ["start/clinicians", "evidence/trials", "treatment/efficacy"]},
}
kb_handout_region = ""  # a country of evidence/crisis-lines.yaml, or KB_REGION; else the short lines of all
# The handouts say again what the pages say, on sheets of their own; everything else is in the book.
kb_book_leave_out = ["handouts/*"]
