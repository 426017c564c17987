"""Python's search for garbage in circles, put off while a table is read: there is none, and it looks at every cell."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 50_000
"""New objects; of fewer the next search is soon over."""


@contextmanager
def put_off() -> Iterator[None]:
    """No search inside, if there was one outside; a sixth of the time of a long list.

    Of several threads that are inside, the one that came first lets it go on: it is never left off.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            if gc.get_count()[0] > _MANY and not gc.get_freeze_count():
                # To the old ones with them at once: the next search would go through all in vain.
                gc.freeze()
                gc.unfreeze()
            gc.enable()
