"""The arithmetic of elections: exact at every boundary, and the same as its definition."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formgen.tally import Result, Share, candidates_needed, elect, is_percentage, is_proportional

MORE_THAN_HALF = Share(1, 2, strict=True)
TWO_THIRDS = Share(2, 3, strict=False)

shares = st.builds(Share, numerator=st.integers(0, 6), denominator=st.integers(1, 6), strict=st.booleans())
votes = st.lists(st.integers(0, 12), max_size=7)


@pytest.mark.parametrize(
    ("share", "part", "whole", "enough"),
    [
        (MORE_THAN_HALF, 123, 245, True),
        (MORE_THAN_HALF, 122, 245, False),
        (MORE_THAN_HALF, 100, 200, False),
        (MORE_THAN_HALF, 101, 200, True),
        (MORE_THAN_HALF, 0, 0, False),
        (TWO_THIRDS, 164, 245, True),
        (TWO_THIRDS, 163, 245, False),
        (TWO_THIRDS, 2, 3, True),
        (Share(2, 3, strict=True), 2, 3, False),
        (Share(1, 1, strict=False), 10**40, 10**40, True),
    ],
)
def test_a_share_is_reached_exactly(share: Share, part: int, whole: int, enough: bool) -> None:
    assert share.reached(part, whole) is enough


@pytest.mark.parametrize(
    ("share", "whole", "least"),
    [(MORE_THAN_HALF, 245, 123), (MORE_THAN_HALF, 200, 101), (TWO_THIRDS, 245, 164), (TWO_THIRDS, 3, 2)],
)
def test_the_least_number_is_named(share: Share, whole: int, least: int) -> None:
    assert share.least(whole) == least


@given(shares, st.integers(0, 400))
def test_the_least_number_is_the_first_that_reaches(share: Share, whole: int) -> None:
    least = share.least(whole)
    assert share.reached(least, whole)
    assert least == 0 or not share.reached(least - 1, whole)


@given(shares, st.integers(0, 400), st.integers(0, 400))
def test_a_share_is_a_comparison_of_fractions(share: Share, part: int, whole: int) -> None:
    needed = Fraction(share.numerator, share.denominator) * whole
    assert share.reached(part, whole) == (part > needed if share.strict else part >= needed)


def test_those_with_most_votes_are_elected_up_to_the_seats() -> None:
    assert elect([60, 90, 70, 80], 2, 100, MORE_THAN_HALF) == Result((1, 3), (), 0, 0)


def test_a_tie_for_the_last_seat_is_left_open() -> None:
    assert elect([90, 70, 70, 60], 2, 100, MORE_THAN_HALF) == Result((0,), (1, 2), 1, 0)


def test_a_tie_above_the_last_seat_decides_nothing() -> None:
    assert elect([70, 70, 60], 2, 100, MORE_THAN_HALF) == Result((0, 1), (), 0, 0)


def test_all_may_tie_for_several_seats() -> None:
    assert elect([60, 60, 60], 2, 100, MORE_THAN_HALF) == Result((), (0, 1, 2), 2, 0)


def test_seats_stay_empty_where_too_few_have_enough_and_half_is_not_enough() -> None:
    assert elect([60, 50, 40], 2, 100, MORE_THAN_HALF) == Result((0,), (), 0, 1)


def test_nobody_is_elected_to_no_seat_and_nobody_without_candidates() -> None:
    assert elect([60, 60], 0, 100, MORE_THAN_HALF) == Result((), (), 0, 0)
    assert elect([], 5, 100, MORE_THAN_HALF) == Result((), (), 0, 5)


@given(votes, st.integers(0, 6), st.integers(0, 12), shares)
def test_who_is_elected_is_as_defined(counts: list[int], seats: int, voters: int, majority: Share) -> None:
    """One is elected whom fewer than ``seats`` others equal or surpass; out, whom that many surpass; tied otherwise."""
    enough = [position for position, count in enumerate(counts) if majority.reached(count, voters)]
    elected, tied = [], []
    for one in enough:
        better = sum(counts[other] > counts[one] for other in enough)
        no_worse = sum(counts[other] >= counts[one] for other in enough if other != one)
        if no_worse < seats:
            elected.append(one)
        elif better < seats:
            tied.append(one)
    result = elect(counts, seats, voters, majority)
    assert (list(result.elected), list(result.tied)) == (elected, tied)
    assert result.contested == (seats - len(elected) if tied else 0)
    assert result.empty == (0 if tied else max(0, seats - len(elected)))
    assert len(result.elected) + result.contested + result.empty == seats


@given(votes, st.integers(0, 6), st.integers(0, 12), shares, st.randoms(use_true_random=False))
def test_the_order_of_the_list_decides_nothing(counts, seats, voters, majority, random) -> None:  # type: ignore[no-untyped-def]
    order = list(range(len(counts)))
    random.shuffle(order)
    there = elect(counts, seats, voters, majority)
    here = elect([counts[position] for position in order], seats, voters, majority)
    assert {order[position] for position in here.elected} == set(there.elected)
    assert {order[position] for position in here.tied} == set(there.tied)


@pytest.mark.parametrize(
    ("seats", "needed"), [(0, 0), (1, 2), (5, 6), (11, 14), (16, 20), (17, 21), (33, 40), (245, 294)]
)
def test_candidates_outnumber_seats_by_a_fifth_rounded_up(seats: int, needed: int) -> None:
    assert candidates_needed(seats, 20) == needed


def test_the_delegations_of_the_published_congress_need_297_candidates() -> None:
    counts = (34, 34, 36, 35, 33, 37, 36)
    assert [candidates_needed(count, 20) for count in counts] == [41, 41, 44, 42, 40, 45, 44]


@given(st.integers(0, 10**9), st.integers(0, 300))
def test_the_number_of_candidates_is_the_ceiling(seats: int, surplus: int) -> None:
    assert candidates_needed(seats, surplus) == ceil(Fraction(seats * (100 + surplus), 100))


@pytest.mark.parametrize(("seats", "fair"), [(32, False), (33, True), (34, True), (35, False)])
def test_a_quota_is_proportional_when_rounded_up_or_down(seats: int, fair: bool) -> None:
    assert is_proportional(seats, 2650, 15860, 200) is fair


def test_a_quota_without_remainder_is_exact() -> None:
    assert [is_proportional(seats, 500, 1000, 60) for seats in (29, 30, 31)] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "part", "whole", "right"),
    [
        ("58.75%", 178, 303, True),
        ("41.25%", 125, 303, True),
        ("3.96%", 12, 303, True),
        ("58.74%", 178, 303, False),
        ("59%", 178, 303, True),
        ("58%", 178, 303, False),
        ("50%", 1, 2, True),
        ("33.3%", 1, 3, True),
        ("33.4%", 1, 3, False),
        ("12%", 1, 8, True),
        ("13%", 1, 8, True),
        ("100.0%", 7, 7, True),
    ],
)
def test_a_percentage_is_right_to_the_places_that_it_is_written_with(
    text: str, part: int, whole: int, right: bool
) -> None:
    assert is_percentage(text, part, whole) is right
