"""One tiny model for all tests of training, and an environment set before torch is imported."""

import os

import pytest
from tiny_stages import Tiny

from finetune.environment import prepare

os.environ.setdefault("OMP_NUM_THREADS", "1")
prepare()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    import torch

    torch.set_num_threads(1)
    return Tiny(tmp_path_factory.mktemp("tiny"))
