"""One process of a training in processes of its own; see `train.launch`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from train.grpo.trainings import letters
from train.launch import told

from socioseg.train.methods import TrainRequest, train
from socioseg.train.rewards import REWARDS

if __name__ == "__main__":
    REWARDS["letters"] = letters
    train(TrainRequest(**told()))
