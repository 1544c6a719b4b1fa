"""One file a table; `registry` finds them all."""
