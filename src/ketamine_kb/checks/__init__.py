"""What an author can get wrong, found on plain text before Sphinx runs."""
