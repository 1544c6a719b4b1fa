"""`python -m finsam_site.run`: the whole product on one machine, as `make run` starts it (ARCHITECTURE §3)."""
