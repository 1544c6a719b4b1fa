"""The national tables: each declared in one file under `national`, found by `registry`, run by `compute`."""
