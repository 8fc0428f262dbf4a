"""Who waits, who gives way, and whose turn it is."""

from dataclasses import dataclass

from plate_gate_recognizer.waiting import Line


@dataclass(frozen=True)
class Waiting:
    """Something that waits."""

    name: str
    camera: str | None = None


def drain(line: Line[Waiting]) -> list[str]:
    """Return the names of all that wait, in the order of their turns."""
    names = []
    while (one := line.pop()) is not None:
        names.append(one.name)
    return names


def test_in_order() -> None:
    """What comes without a camera has its turn in the order in which it came."""
    line = Line[Waiting](3)
    for name in "abc":
        assert line.add(Waiting(name)).admitted
    refused = line.add(Waiting("d"))
    assert not refused.admitted
    assert refused.displaced is None
    assert len(line) == 3
    assert drain(line) == ["a", "b", "c"]


def test_no_places() -> None:
    """Where nothing may wait, nothing does."""
    line = Line[Waiting](0)
    assert not line.add(Waiting("a", "north")).admitted
    assert line.pop() is None


def test_newest_of_a_camera() -> None:
    """A newer picture takes the place of the older one, also if all are taken."""
    line = Line[Waiting](2)
    old, new = Waiting("old", "north"), Waiting("new", "north")
    line.add(old)
    line.add(Waiting("other", "south"))
    admission = line.add(new)
    assert admission.admitted
    assert admission.replaced == old
    assert drain(line) == ["new", "other"]


def test_turns() -> None:
    """Next is the camera that was served longest ago, however often others come."""
    line = Line[Waiting](3)
    for camera in ("north", "south"):
        line.add(Waiting(camera, camera))
    assert line.pop() == Waiting("north", "north")
    line.add(Waiting("north", "north"))
    assert drain(line) == ["south", "north"]


def test_nobody_is_kept_out() -> None:
    """With more cameras than places, each one that goes on asking has its turns."""
    line = Line[Waiting](2)
    cameras = [f"camera {number}" for number in range(7)]
    served = []
    for _ in range(70):
        for camera in cameras:
            line.add(Waiting(camera, camera))
        one = line.pop()
        assert one is not None
        served.append(one.name)
    assert {served.count(camera) for camera in cameras} == {10}


def test_one_sender_without_camera_floods() -> None:
    """Those without a camera have the turns of one, and give places back."""
    line = Line[Waiting](3)
    served = []
    for number in range(30):
        for _ in range(5):
            line.add(Waiting("flood"))
        line.add(Waiting("north", "north"))
        if number % 2:
            one = line.pop()
            assert one is not None
            served.append(one.name)
    assert served.count("north") >= 7


def test_new_names_win_nothing() -> None:
    """Who invents a camera for each picture does not push the others out."""
    line = Line[Waiting](2)
    line.add(Waiting("north", "north"))
    line.add(Waiting("south", "south"))
    for number in range(1000):
        admission = line.add(Waiting("made up", f"made up {number}"))
        assert not admission.admitted
    assert drain(line) == ["north", "south"]


def test_displaced() -> None:
    """The camera that had its turn last gives way to one that waits for longer."""
    line = Line[Waiting](1)
    line.add(Waiting("north", "north"))
    assert not line.add(Waiting("south", "south")).admitted
    line.pop()
    line.add(Waiting("north", "north"))
    admission = line.add(Waiting("south", "south"))
    assert admission.admitted
    assert admission.displaced == Waiting("north", "north")
    assert drain(line) == ["south"]


def test_leaving() -> None:
    """What leaves is not served, and may leave twice."""
    line = Line[Waiting](2)
    one, other = Waiting("one"), Waiting("other", "north")
    line.add(one)
    line.add(other)
    line.remove(one)
    line.remove(one)
    assert line.clear() == [other]
    assert len(line) == 0
