"""What the search of the site knows: words, synonyms, and the index that the browser reads."""
