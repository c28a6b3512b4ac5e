"""Group-relative policy optimisation (GRPO) in two stages that share one model."""
