"""What a reader with a disability meets on the built site, asked of the tools of the field."""
