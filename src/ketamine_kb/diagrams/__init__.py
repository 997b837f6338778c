"""Mermaid sources to graph, text version and SVG, in process and without a browser."""
