"""Findings for people and programs; only here does an address become a place in a file."""
