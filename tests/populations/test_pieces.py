import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from populations.pieces import computed, pieces


@settings(derandomize=True)
@given(st.integers(0, 500), st.integers(1, 60))
def test_pieces_are_few_even_and_complete(count, size):
    parts = pieces(count, size)
    lengths = [part.stop - part.start for part in parts]
    assert [k for part in parts for k in range(count)[part]] == list(range(count))
    assert len(parts) == -(-count // size)
    assert not lengths or max(lengths) <= size
    assert not lengths or max(lengths) - min(lengths) <= 1


def test_results_keep_their_order_on_any_number_of_threads():
    seen = set()

    def work(k):
        seen.add(threading.current_thread().name)
        return k * k

    for threads in (1, 2, 5):
        assert list(computed(work, range(40), threads)) == [k * k for k in range(40)]
    assert len(seen) > 1
