"""Python's search for garbage is put off while a table is read, and goes on as it was."""

import gc
from collections.abc import Iterator

import pytest

from formgen.intake import collecting


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def looked_in() -> None:
    with collecting.put_off():
        assert not gc.isenabled()
        with collecting.put_off():
            pass
        assert not gc.isenabled()
        raise ZeroDivisionError


def test_it_goes_on_after_whatever_happens_inside() -> None:
    with pytest.raises(ZeroDivisionError):
        looked_in()
    assert gc.isenabled()


def test_where_it_was_off_it_stays_so() -> None:
    gc.disable()
    with pytest.raises(ZeroDivisionError):
        looked_in()
    assert not gc.isenabled()


@pytest.mark.parametrize("frozen", [True, False])
def test_many_new_objects_are_old_at_once_and_what_others_froze_stays_frozen(frozen: bool) -> None:
    gc.collect()
    if frozen:
        gc.freeze()
    before = gc.get_freeze_count()
    old = len(gc.get_objects(generation=2))
    with collecting.put_off():
        kept = [[] for _ in range(2 * collecting._MANY)]
    assert gc.get_freeze_count() == before == (before if frozen else 0)
    assert (len(gc.get_objects(generation=2)) - old >= len(kept)) is not frozen
