"""Supervised fine-tuning of reasoning models: true answers to the questions of each stage."""
