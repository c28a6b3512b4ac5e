"""The commands: one thin function each, grouped as the rooms are."""
