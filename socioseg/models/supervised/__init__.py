"""Networks trained on masks alone: UNet and SegFormer, and the folder that a training leaves."""
