"""Signing off and issuing: where a dossier, what was found in it, its documents and the ledger come together.

::

    proof    what the record says                      approvals sign its digest
    issued   the same, and the approvals up to a head  protected, signed, closed in the ledger
"""
