"""What a text must not begin with in a cell that a spreadsheet opens: it would be read as a formula."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
