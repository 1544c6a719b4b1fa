"""The user guide in the product: chapters written as Markdown in docs/anvandarguide, pictures of the real pages."""
