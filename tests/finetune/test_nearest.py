"""The model nearest to a target accuracy is kept, whatever the order of measurements, also after a kill."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.nearest import Nearest

RATES = st.sampled_from([0.0, 0.1, 0.15, 0.2, 0.5, 0.9, 1.0])
MEASUREMENTS = st.lists(st.tuples(RATES, RATES), min_size=1, max_size=8)


def save(model: str, folder: Path) -> None:
    """A model is a text here, and its folder holds it in one file."""
    folder.mkdir(parents=True)
    (folder / "model").write_text(model)


def nearest_in(folder: Path) -> Nearest:
    return Nearest(folder, save, target=0.15, band=0.1, format_rate=0.9)


def figures(accuracy: float, format_rate: float) -> dict[str, float]:
    return {"accuracy": accuracy, "format_rate": format_rate}


@given(MEASUREMENTS, st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_the_best_candidate_stands_on_disk_and_alone(tmp_path_factory, measurements, killed_after):
    folder = tmp_path_factory.mktemp("nearest")
    keeper = nearest_in(folder)
    for step, (accuracy, format_rate) in enumerate(measurements, 1):
        if step == killed_after:
            keeper = nearest_in(folder)
        keeper.measured(step, figures(accuracy, format_rate), f"model {step}")
    best = max(
        range(len(measurements)),
        key=lambda i: (min(measurements[i][1], 0.9), -abs(measurements[i][0] - 0.15), -i),
    )
    assert nearest_in(folder).kept.step == best + 1
    assert (keeper.model / "model").read_text() == f"model {best + 1}"
    assert [place.name for place in folder.glob("step-*")] == [f"step-{best + 1}"]


def test_training_ends_once_accuracy_is_over_the_band(tmp_path):
    keeper = nearest_in(tmp_path)
    assert not keeper.passed(figures(0.24, 1.0))
    assert keeper.passed(figures(0.26, 0.0))
