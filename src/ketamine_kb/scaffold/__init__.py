"""Scaffolding: new claims, pages, diagrams, sources and trials that pass the lint, or nothing at all."""
