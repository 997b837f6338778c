"""The facts: sources, crisis lines, and later claims and trials."""
