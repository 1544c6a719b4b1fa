"""Every address of the product against everybody who may come to it (QUALITY §1 and §2)."""
