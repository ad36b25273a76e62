"""Doing several things at the same moment."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def together(*calls: Callable[[], T]) -> list[T]:
    """Run all calls from one starting shot and return their answers; raises what one raised."""
    barrier = threading.Barrier(len(calls))
    answers: dict[int, T] = {}
    faults: list[BaseException] = []

    def run(number: int, call: Callable[[], T]) -> None:
        try:
            barrier.wait(30)
            answers[number] = call()
        except BaseException as fault:  # noqa: BLE001 - raised again below
            faults.append(fault)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if faults:
        raise faults[0]
    return [answers[number] for number in range(len(calls))]
