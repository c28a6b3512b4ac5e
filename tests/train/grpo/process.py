"""One process of a training in processes of its own: `python process.py RECIPE DATA OUT JSON`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from train.grpo.trainings import a_request, letters

from socioseg.train.methods import train
from socioseg.train.rewards import REWARDS

if __name__ == "__main__":
    REWARDS["letters"] = letters
    recipe, data, out, settings = sys.argv[1:]
    train(a_request(recipe, Path(data), Path(out), settings=json.loads(settings)))
