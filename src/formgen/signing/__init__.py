"""Signing: keys, the signature inside a package, what protects a document, and what a signature is worth.

Knows packages and digests, never what a form contains. Time and passphrases are handed in.
"""
