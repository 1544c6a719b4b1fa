"""Moving a register in and out: `import_register` and `export_register` (FORMATS §1)."""
