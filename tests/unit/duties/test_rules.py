"""Matching words: the longest word in the text wins, and nothing is guessed without one."""

from hypothesis import given
from hypothesis import strategies as st

from portal.duties import rules

WORDS = {1: "路灯 不亮 灯", 2: "燃气 燃气味 味", 3: "垃圾 味"}


def test_the_longest_match_counts_once():
    assert rules.score("楼道里有燃气味", WORDS[2]) == len("燃气味")
    assert rules.best("楼道里有燃气味", WORDS, 3) == [2, 3]


def test_several_words_add_up():
    assert rules.score("路灯不亮", WORDS[1]) == 4


def test_without_a_word_nothing_is_guessed():
    assert rules.best("你好", WORDS, 3) == []


@given(st.text(), st.integers(0, 5))
def test_no_more_than_asked_and_only_what_fits(text, limit):
    found = rules.best(text, WORDS, limit)
    assert len(found) <= limit
    assert all(rules.score(text, WORDS[key]) > 0 for key in found)


@given(st.lists(st.sampled_from(["路灯", "不亮", "灯", "街"])))
def test_a_score_is_never_longer_than_the_text(parts):
    text = "".join(parts)
    assert 0 <= rules.score(text, WORDS[1]) <= len(text)
