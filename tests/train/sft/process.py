"""One process of a fine-tuning in processes of its own; see `train.launch`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from train.launch import told

from socioseg.train.methods import TrainRequest, train

if __name__ == "__main__":
    train(TrainRequest(**told()))
